// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.server.registry.Change.Cause;
import io.systole.server.registry.Origin;

/**
 * The removal of an instance.
 *
 * @param atMs wall clock, epoch ms
 */
public record Removal(long version, long atMs, Cause cause, Origin origin) {}
