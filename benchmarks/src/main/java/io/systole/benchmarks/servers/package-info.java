// SPDX-License-Identifier: Apache-2.0
/**
 * Whole servers as processes of their own, driven by the load test over loopback, one after the
 * other in interleaved rounds. What counts is the CPU time a server takes for a renewal, as the
 * kernel accounts it, compared within one round; throughput on a machine that is shared with the
 * load generator says little. Starts processes and reads reports; measures nothing itself.
 */
@NullMarked
package io.systole.benchmarks.servers;

import org.jspecify.annotations.NullMarked;
