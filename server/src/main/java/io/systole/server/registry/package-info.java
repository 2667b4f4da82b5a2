// SPDX-License-Identifier: Apache-2.0
/**
 * The registered instances and their leases.
 *
 * <p>No HTTP, no sockets, no threads. Event loops renew and change leases, the evictor ends expired
 * ones; {@link io.systole.server.registry.Lease} describes their concurrency. A key arrives as
 * bytes ({@link io.systole.server.registry.LeaseKey}) so that the lookup of a heartbeat allocates
 * nothing.
 */
@NullMarked
package io.systole.server.registry;

import org.jspecify.annotations.NullMarked;
