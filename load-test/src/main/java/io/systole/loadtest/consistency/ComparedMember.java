// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.consistency;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.PortInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * A member of an instance that all servers must agree on. Timestamps that each server keeps for
 * itself, and members derived from them, are none.
 *
 * @param name as in JSON documents
 * @param value returns null for an absent value
 */
record ComparedMember(String name, Function<InstanceInfo, Object> value) {
  private static final List<ComparedMember> WITHOUT_METADATA = List.of(
      new ComparedMember("status", InstanceInfo::status),
      new ComparedMember("overriddenStatus", InstanceInfo::overriddenStatus),
      new ComparedMember("lastDirtyTimestamp", InstanceInfo::lastDirtyMs),
      new ComparedMember("hostName", InstanceInfo::hostName),
      new ComparedMember("ipAddr", InstanceInfo::ipAddr),
      new ComparedMember("port", instance -> text(instance.port())),
      new ComparedMember("securePort", instance -> text(instance.securePort())),
      new ComparedMember("vipAddress", InstanceInfo::vipAddress),
      new ComparedMember("secureVipAddress", InstanceInfo::secureVipAddress),
      new ComparedMember("homePageUrl", InstanceInfo::homePageUrl),
      new ComparedMember("statusPageUrl", InstanceInfo::statusPageUrl),
      new ComparedMember("healthCheckUrl", InstanceInfo::healthCheckUrl),
      new ComparedMember("secureHealthCheckUrl", InstanceInfo::secureHealthCheckUrl),
      new ComparedMember(
          "leaseInfo.renewalIntervalInSecs",
          instance -> instance.leaseInfo().renewalIntervalSecs()),
      new ComparedMember(
          "leaseInfo.durationInSecs", instance -> instance.leaseInfo().durationSecs()));

  private static final String METADATA = "metadata.";

  /** Returns whether two instances agree on all members. */
  static boolean allEqual(InstanceInfo a, InstanceInfo b) {
    return a.metadata().equals(b.metadata())
        && WITHOUT_METADATA.stream()
            .allMatch(member -> Objects.equals(member.value.apply(a), member.value.apply(b)));
  }

  /**
   * Returns the members that instances can differ in: the fixed ones, then one per metadata entry,
   * by key.
   */
  static List<ComparedMember> of(List<InstanceInfo> instances) {
    List<ComparedMember> members = new ArrayList<>(WITHOUT_METADATA);
    TreeSet<String> keys = new TreeSet<>();
    instances.forEach(instance -> keys.addAll(instance.metadata().keySet()));
    for (String key : keys) {
      members.add(
          new ComparedMember(METADATA + key, instance -> instance.metadata().get(key)));
    }
    return members;
  }

  private static String text(PortInfo port) {
    return port.port() + (port.isEnabled() ? "" : " disabled");
  }
}
