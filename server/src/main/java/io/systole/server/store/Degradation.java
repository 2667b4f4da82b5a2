// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

/**
 * A state in which changes are not kept as they should be, while the node serves.
 *
 * @param sinceMs wall clock, epoch ms
 */
public record Degradation(String reason, long sinceMs) {}
