// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.message;

import io.systole.protocol.model.InstanceStatus;
import org.jspecify.annotations.Nullable;

/**
 * The status override of an instance, set or removed.
 *
 * @param status the override; null if it was removed
 */
public record OverrideRegister(@Nullable InstanceStatus status, OverrideStamp stamp) {}
