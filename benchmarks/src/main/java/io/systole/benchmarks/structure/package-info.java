// SPDX-License-Identifier: Apache-2.0
/**
 * Counts of the source code: files and their lengths, cycles, names, and the files that a heartbeat
 * enters. Sources are parsed with the compiler API of the JDK; the path of a heartbeat is recorded
 * by a debugger in a running server. Checkouts of other commits can be counted as well.
 */
@NullMarked
package io.systole.benchmarks.structure;

import org.jspecify.annotations.NullMarked;
