// SPDX-License-Identifier: Apache-2.0
/**
 * The truth: who is registered, and until when each lease holds.
 *
 * <p>No HTTP, no sockets, no threads of its own. Event loops renew and change leases, the evictor
 * ends expired ones; {@link io.systole.server.registry.Lease} says how they meet. A key arrives as
 * bytes ({@link io.systole.server.registry.LookupKey}) so that looking up a heartbeat allocates
 * nothing.
 */
@NullMarked
package io.systole.server.registry;

import org.jspecify.annotations.NullMarked;
