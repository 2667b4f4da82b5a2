// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import org.jspecify.annotations.Nullable;

/**
 * What must be known of a lease to go on with it in another run of the node.
 *
 * @param instance its document with the stamps of its lease
 * @param override the status an operator insists on, null when nobody does
 */
public record PersistedLease(
    InstanceInfo instance, @Nullable InstanceStatus override) {}
