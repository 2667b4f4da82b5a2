// SPDX-License-Identifier: Apache-2.0
/**
 * Reads of a registry beside the heartbeats: clients that fetch all, deltas or parts of it, and the
 * counts of what became of their reads.
 */
@NullMarked
package io.systole.loadtest.read;

import org.jspecify.annotations.NullMarked;
