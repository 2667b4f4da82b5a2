// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.model;

import java.util.List;

/**
 * The status of a server (spec §1.9).
 *
 * @param cpus available processors
 * @param memoryBytes memory allocated by the JVM
 * @param memoryUsedBytes used part of it
 * @param uptimeMs time since the start of the server
 * @param registeredReplicas addresses of the peers; copied, immutable
 * @param availableReplicas peers that are registered here; copied, immutable
 * @param unavailableReplicas peers that are not registered here; copied, immutable
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
