// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.InstanceStatus;
import org.jspecify.annotations.Nullable;

/**
 * A lease as an operator wants to see it.
 *
 * @param status as lists show it
 * @param statusRule what gave it
 * @param override the status somebody insists on, null when nobody does
 * @param isOverrideDue whether the next renewal will bring another status into effect
 */
public record LeaseDetails(
    LeaseSnapshot snapshot,
    InstanceStatus status,
    StatusRule statusRule,
    @Nullable InstanceStatus override,
    boolean isOverrideDue) {}
