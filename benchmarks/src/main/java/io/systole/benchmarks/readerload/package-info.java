// SPDX-License-Identifier: Apache-2.0
/**
 * Heartbeats concurrent with readers. The load test sends heartbeats at a fixed rate while
 * thousands of connections fetch deltas, or while many request the full registry and hardly read
 * it. The readers run in a process separate from the load test; each program reports its own lag.
 */
@NullMarked
package io.systole.benchmarks.readerload;

import org.jspecify.annotations.NullMarked;
