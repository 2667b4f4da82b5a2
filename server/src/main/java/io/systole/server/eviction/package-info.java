// SPDX-License-Identifier: Apache-2.0
/**
 * Eviction of expired leases, and the rules that protect them.
 *
 * <p>Pure functions decide ({@link io.systole.server.eviction.SelfPreservation},
 * {@link io.systole.server.eviction.EvictionDecision}, {@code EvictionPlan}); the
 * {@link io.systole.server.eviction.Evictor} provides their input. A lease is evicted only if it is
 * still expired then.
 */
@NullMarked
package io.systole.server.eviction;

import org.jspecify.annotations.NullMarked;
