// SPDX-License-Identifier: Apache-2.0
/**
 * Benchmarks of the heartbeat path, the registry, the codecs and the client, one {@code *Benchmark}
 * each, compared with the baselines of {@code baseline}; {@code servers} measures whole processes
 * on real sockets. The measured classes are those of the product, unchanged. No module depends on
 * this one, and its figures are published in {@code benchmarks/RESULTS.md}.
 */
@NullMarked
package io.systole.benchmarks;

import org.jspecify.annotations.NullMarked;
