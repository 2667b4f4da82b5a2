// SPDX-License-Identifier: Apache-2.0
/** Reads of a registry: the read load of a run and its outcomes, and single documents. */
@NullMarked
package io.systole.loadtest.read;

import org.jspecify.annotations.NullMarked;
