// SPDX-License-Identifier: Apache-2.0
/**
 * Heap occupied by objects that the server keeps. A program allocates many of them, collects
 * garbage and prints the used heap of each and the CPU time of creating it. Documents are decoded
 * from bytes by the codec of {@code protocol}, as in the server.
 */
@NullMarked
package io.systole.benchmarks.heap;

import org.jspecify.annotations.NullMarked;
