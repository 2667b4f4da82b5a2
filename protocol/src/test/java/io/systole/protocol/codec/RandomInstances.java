// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import io.systole.protocol.model.ActionType;
import io.systole.protocol.model.Application;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.AppsHashCode;
import io.systole.protocol.model.DataCenterInfo;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.model.LeaseInfo;
import io.systole.protocol.model.PortInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** A seeded generator of instances of every shape that the model allows. */
final class RandomInstances {
  private static final String[] SEGMENTS = {
    "a",
    "Z",
    "0",
    "_",
    "$",
    "-",
    ".",
    ":",
    "@class",
    " ",
    "\t",
    "\n",
    "\r",
    "\r\n",
    "\0",
    "\u0001",
    "\u001f",
    "\u007f",
    "\u0085",
    "\u00a0",
    "\u00e9",
    "\u00df",
    "\u0131",
    "\u0149",
    "\u0301",
    "\u2028",
    "\u4e2d",
    "\ufeff",
    "\ufffd",
    "\ufffe",
    "\uffff",
    "\ud83d\ude00",
    "\ud83d",
    "\ude00",
    "\"",
    "'",
    "\\",
    "/",
    "&",
    "<",
    ">",
    "]]>",
    "&amp;",
    "<!--",
    "_.0041",
    "__",
    "_-",
    "%",
    "http://h1:8080/",
    "true",
    "null",
  };

  private final Random random;

  RandomInstances(long seed) {
    this.random = new Random(seed);
  }

  Applications applications() {
    List<Application> applications = new ArrayList<>();
    for (int count = random.nextInt(4); count > 0; count--) {
      List<InstanceInfo> instances = new ArrayList<>();
      for (int each = random.nextInt(3); each > 0; each--) {
        instances.add(instance());
      }
      applications.add(new Application(text(), instances));
    }
    return new Applications(text(), AppsHashCode.of(applications), applications);
  }

  InstanceInfo instance() {
    InstanceInfo.Builder instance = InstanceInfo.builder()
        .instanceId(textOrNull())
        .hostName(textOrNull())
        .app(text())
        .ipAddr(textOrNull())
        .sid(oneOf(text(), "na", "unknown"))
        .status(oneOf(InstanceStatus.values()))
        .overriddenStatus(oneOf(InstanceStatus.values()))
        .port(port())
        .securePort(port())
        .countryId(random.nextInt())
        .dataCenterInfo(dataCenter())
        .leaseInfo(lease())
        .metadata(stringMap())
        .appGroupName(textOrNull())
        .homePageUrl(textOrNull())
        .statusPageUrl(textOrNull())
        .healthCheckUrl(textOrNull())
        .secureHealthCheckUrl(textOrNull())
        .vipAddress(textOrNull())
        .secureVipAddress(textOrNull());
    return instance
        .isCoordinatingDiscoveryServer(random.nextBoolean())
        .lastUpdatedMs(stampMs())
        .lastDirtyMs(stampMs())
        .actionType(random.nextBoolean() ? null : oneOf(ActionType.values()))
        .asgName(textOrNull())
        .build();
  }

  private @Nullable DataCenterInfo dataCenter() {
    return switch (random.nextInt(5)) {
      case 0 -> null;
      case 1 -> DataCenterInfo.MY_OWN;
      case 2 -> DataCenterInfo.NETFLIX;
      case 3 -> new DataCenterInfo(null, Map.of());
      default -> amazon();
    };
  }

  private DataCenterInfo amazon() {
    Map<String, String> metadata = new LinkedHashMap<>(stringMap());
    if (random.nextBoolean()) {
      metadata.put("instance-id", text());
      metadata.put("ami-id", text());
      metadata.put("public-ipv4", text());
    }
    return DataCenterInfo.amazon(metadata);
  }

  private LeaseInfo lease() {
    return new LeaseInfo(
        random.nextInt(), random.nextInt(), stampMs(), stampMs(), stampMs(), stampMs());
  }

  private PortInfo port() {
    return new PortInfo(random.nextInt(), random.nextBoolean());
  }

  private long stampMs() {
    return random.nextInt(4) == 0 ? random.nextLong() : random.nextLong(2_000_000_000_000L);
  }

  private Map<String, String> stringMap() {
    Map<String, String> entries = new LinkedHashMap<>();
    for (int count = random.nextInt(6); count > 0; count--) {
      entries.put(text(), text());
    }
    return entries;
  }

  private @Nullable String textOrNull() {
    return random.nextInt(3) == 0 ? null : text();
  }

  private String text() {
    StringBuilder text = new StringBuilder();
    for (int count = random.nextInt(6); count > 0; count--) {
      text.append(oneOf(SEGMENTS));
      if (random.nextInt(8) == 0) {
        text.append((char) random.nextInt(Character.MAX_VALUE + 1));
      }
    }
    return text.toString();
  }

  @SafeVarargs
  private <T> T oneOf(T... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
