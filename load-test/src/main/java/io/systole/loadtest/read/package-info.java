// SPDX-License-Identifier: Apache-2.0
/** Reads of a registry during a load run: full, delta and partial reads, and their outcomes. */
@NullMarked
package io.systole.loadtest.read;

import org.jspecify.annotations.NullMarked;
