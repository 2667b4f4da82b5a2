// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.InstanceStatus;
import org.jspecify.annotations.Nullable;

/**
 * The details of a lease for operators.
 *
 * @param status the published status
 * @param statusRule the rule that resolved the status
 * @param override the status override, or null
 * @param isOverrideDue whether the next renewal changes the status
 */
public record LeaseDetails(
    LeaseSnapshot snapshot,
    InstanceStatus status,
    StatusRule statusRule,
    @Nullable InstanceStatus override,
    boolean isOverrideDue) {}
