// SPDX-License-Identifier: Apache-2.0
/**
 * Whole servers in separate processes, loaded by the load test over loopback in alternating rounds.
 * The figure is the CPU time of a server per renewal, as the kernel accounts it, compared within a
 * round; throughput means little on a machine shared with the load generator. This package starts
 * processes and reads reports.
 */
@NullMarked
package io.systole.benchmarks.servers;

import org.jspecify.annotations.NullMarked;
