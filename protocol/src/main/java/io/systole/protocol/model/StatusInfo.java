// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.model;

import java.util.List;

/**
 * What a server says of itself (spec §1.9).
 *
 * @param cpus processors that the server may use
 * @param memoryBytes what the JVM has taken from the machine
 * @param memoryUsedBytes the part of it that is in use
 * @param uptimeMs how long the server has been running
 * @param registeredReplicas addresses of its peers; copied, immutable
 * @param availableReplicas those of them that are registered here; copied, immutable
 * @param unavailableReplicas those of them that are not; copied, immutable
 * @param instance the server's own instance
 */
public record StatusInfo(
    int cpus,
    long memoryBytes,
    long memoryUsedBytes,
    long uptimeMs,
    List<String> registeredReplicas,
    List<String> availableReplicas,
    List<String> unavailableReplicas,
    InstanceInfo instance) {

  public StatusInfo {
    registeredReplicas = List.copyOf(registeredReplicas);
    availableReplicas = List.copyOf(availableReplicas);
    unavailableReplicas = List.copyOf(unavailableReplicas);
  }
}
