// SPDX-License-Identifier: Apache-2.0
/**
 * What ours is held against: a server written the ordinary way on Netty's own HTTP codec, a bare
 * handler that answers a constant, and Netflix's registry without its container. Each is meant to
 * be a fair opponent: what a competent developer would write and ship, not a straw man. Knows
 * nothing of the other rooms.
 */
@NullMarked
package io.systole.benchmarks.baseline;

import org.jspecify.annotations.NullMarked;
