// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

/**
 * A condition under which changes are not persisted as configured, while the node keeps serving.
 *
 * @param sinceMs wall clock, epoch ms
 */
public record Degradation(String reason, long sinceMs) {}
