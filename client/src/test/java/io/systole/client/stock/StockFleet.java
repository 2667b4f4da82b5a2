// SPDX-License-Identifier: Apache-2.0
package io.systole.client.stock;

import io.systole.protocol.model.DataCenterInfo;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.model.LeaseInfo;
import io.systole.protocol.model.PortInfo;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Instances of several applications, with all characters that stock servers permit in an id. */
final class StockFleet {
  private static final List<String> APPS =
      List.of("ORDERS", "ORDER-LINES", "order.archive", "Bills_2", "bücher", "TO PAY", "A+B", "Ж");

  /** Slash and backslash are missing: Tomcat rejects them, encoded or not. */
  private static final List<String> ODDITIES = List.of(
      ":8080", " 8080", "%", "%2F", ";v=1", "?a=b", "#1", "+1", "@h", "=1&b=2", "\"q\"", "'q'",
      "[1]", "{1}", "|", "<b>", ",", "$1", "~", "ü", "…", "日本", "😀");

  private StockFleet() {}

  /** Returns {@code count} instances, whose ids begin with {@code name}, with leases of 90 s. */
  static List<InstanceInfo> of(String name, int count) {
    return IntStream.range(0, count).mapToObj(index -> instance(name, index)).toList();
  }

  private static InstanceInfo instance(String name, int index) {
    return InstanceInfo.builder()
        .app(APPS.get(index % APPS.size()))
        .instanceId(name + "-" + index + ODDITIES.get(index % ODDITIES.size()))
        .hostName("host-" + index + ".example")
        .ipAddr("10.0.0." + index % 256)
        .port(new PortInfo(8000 + index, true))
        .vipAddress("vip-" + index % 3)
        .status(index % 10 == 9 ? InstanceStatus.STARTING : InstanceStatus.UP)
        .dataCenterInfo(DataCenterInfo.MY_OWN)
        .metadata(Map.of("zone", "z" + index % 3, "said", "\"<&>' \\ ü 日本 😀 " + index))
        .build();
  }

  /** Returns the same instances with short leases. */
  static List<InstanceInfo> withLeases(
      List<InstanceInfo> fleet, int intervalSecs, int durationSecs) {
    LeaseInfo lease = new LeaseInfo(intervalSecs, durationSecs, 0, 0, 0, 0);
    return fleet.stream().map(one -> one.toBuilder().leaseInfo(lease).build()).toList();
  }
}
