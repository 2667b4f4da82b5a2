// SPDX-License-Identifier: Apache-2.0
/**
 * What the trip of a heartbeat costs, room by room: one {@code *Benchmark} for each, with the
 * baselines of {@code baseline} beside our own classes, and {@code live} for whole processes on
 * real sockets. The classes are measured as they are; none exists for a benchmark's sake. Nothing
 * imports this module, and its figures are published in {@code benchmarks/RESULTS.md} only.
 */
@NullMarked
package io.systole.benchmarks;

import org.jspecify.annotations.NullMarked;
