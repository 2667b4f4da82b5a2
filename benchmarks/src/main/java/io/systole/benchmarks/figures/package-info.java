// SPDX-License-Identifier: Apache-2.0
/**
 * The published figures: the measurements, the command that runs them, and the tables generated
 * from their raw results. Raw results are in {@code benchmarks/results}, tables in
 * {@code benchmarks/RESULTS.md}; tables depend on raw results only.
 */
@NullMarked
package io.systole.benchmarks.figures;

import org.jspecify.annotations.NullMarked;
