// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import org.jspecify.annotations.Nullable;

/**
 * The persistent state of a lease, from which another run of the node restores it.
 *
 * @param instance the document with its lease timestamps
 * @param override the status override, or null
 */
public record PersistedLease(
    InstanceInfo instance, @Nullable InstanceStatus override) {}
