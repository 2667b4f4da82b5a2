// SPDX-License-Identifier: Apache-2.0
/**
 * What held things weigh: a program each, which holds many, collects garbage and tells the used
 * heap of each and what it took to make it. Documents come from {@code protocol} as bytes, through
 * the same door as those of the server; figures go to the console only.
 */
@NullMarked
package io.systole.benchmarks.heap;

import org.jspecify.annotations.NullMarked;
