// SPDX-License-Identifier: Apache-2.0
/**
 * Whether readers disturb heartbeats: the load test beats at a fixed rate while thousands of
 * connections fetch deltas, or while many ask for everything and hardly read it. The readers are a
 * process of their own, so that they take nothing from the one that measures; each program says how
 * late it was itself.
 */
@NullMarked
package io.systole.benchmarks.readerload;

import org.jspecify.annotations.NullMarked;
