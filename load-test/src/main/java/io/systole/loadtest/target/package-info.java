// SPDX-License-Identifier: Apache-2.0
/** Measurements of the target from outside: its CPU time and memory, and its published metrics. */
@NullMarked
package io.systole.loadtest.target;

import org.jspecify.annotations.NullMarked;
