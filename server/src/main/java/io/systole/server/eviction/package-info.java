// SPDX-License-Identifier: Apache-2.0
/**
 * Which expired leases are ended, and why others are not.
 *
 * <p>Pure functions decide ({@link io.systole.server.eviction.SelfPreservation},
 * {@link io.systole.server.eviction.EvictionDecision}, {@code EvictionPlan}); the
 * {@link io.systole.server.eviction.Evictor} looks up what they need, and the lease itself has the
 * last word: it is ended only if it is still expired.
 */
@NullMarked
package io.systole.server.eviction;

import org.jspecify.annotations.NullMarked;
