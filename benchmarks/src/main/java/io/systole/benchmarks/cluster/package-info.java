// SPDX-License-Identifier: Apache-2.0
/**
 * Native clusters of nodes in separate processes on loopback: bytes and CPU time of a replicated
 * renewal at both ends, memory, the join of a further member, and the time until the failure of a
 * killed or suspended one is detected. A generator in this process registers the instances and
 * sends the heartbeats. Figures are records, from which the tables are generated.
 */
@NullMarked
package io.systole.benchmarks.cluster;

import org.jspecify.annotations.NullMarked;
