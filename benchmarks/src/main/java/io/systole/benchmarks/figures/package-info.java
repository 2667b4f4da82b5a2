// SPDX-License-Identifier: Apache-2.0
/**
 * The published figures: which measurements they are, the command that takes them, and the tables
 * that are made of their raw results. Raw results lie in {@code benchmarks/results}, the tables in
 * {@code benchmarks/RESULTS.md}; nothing but the raw results flows into a table.
 */
@NullMarked
package io.systole.benchmarks.figures;

import org.jspecify.annotations.NullMarked;
