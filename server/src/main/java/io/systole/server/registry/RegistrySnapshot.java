// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.Application;
import java.util.List;

/**
 * A consistent cut: instances, and the hash code of the whole registry at that moment.
 *
 * @param version how many changes had been made; two cuts of one version are equal
 * @param appsHashCode {@code apps__hashcode} of the whole registry, whatever part is shown
 * @param applications all of them, or those that changed of late
 */
public record RegistrySnapshot(long version, String appsHashCode, List<Application> applications) {}
