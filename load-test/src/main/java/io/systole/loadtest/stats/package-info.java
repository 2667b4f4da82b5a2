// SPDX-License-Identifier: Apache-2.0
/**
 * What the event loops of the load generator saw: counts and latencies, written without a lock by
 * one thread each and summed up by whoever asks.
 */
@NullMarked
package io.systole.loadtest.stats;

import org.jspecify.annotations.NullMarked;
