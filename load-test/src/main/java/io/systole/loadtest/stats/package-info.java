// SPDX-License-Identifier: Apache-2.0
/**
 * Counters and latencies of the generator's event loops, written without locks by one thread each
 * and summed by readers.
 */
@NullMarked
package io.systole.loadtest.stats;

import org.jspecify.annotations.NullMarked;
