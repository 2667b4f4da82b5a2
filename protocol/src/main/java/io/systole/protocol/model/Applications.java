// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.model;

import java.util.List;

/**
 * A registry or a part of it (spec §6.1).
 *
 * @param version {@code versions__delta}: a counter in deltas, {@code 1} in the full registry,
 *     {@code -1} in responses by VIP (spec §4.3)
 * @param appsHashCode {@code apps__hashcode}: the {@link AppsHashCode} of the whole registry, even
 *     if this is a part of it
 * @param applications in any order; copied, immutable
 */
public record Applications(String version, String appsHashCode, List<Application> applications) {

  public Applications {
    version = WellFormedText.wellFormed(version);
    appsHashCode = WellFormedText.wellFormed(appsHashCode);
    applications = List.copyOf(applications);
  }
}
