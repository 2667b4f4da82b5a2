// SPDX-License-Identifier: Apache-2.0
/**
 * Servers that replicate to each other, in separate processes: a cluster with a slow or silent
 * peer, the cost of a replicated renewal at both ends, and restarts under a large fleet. The load
 * test sends the heartbeats and compares the registries; a proxy in front of a peer delays and
 * counts the batches. Figures are records, from which the tables are generated.
 */
@NullMarked
package io.systole.benchmarks.peers;

import org.jspecify.annotations.NullMarked;
