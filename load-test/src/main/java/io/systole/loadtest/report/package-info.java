// SPDX-License-Identifier: Apache-2.0
/**
 * The outcome as values, and its forms: text for a terminal, JSON for machines. Knows nothing of
 * how it came about.
 */
@NullMarked
package io.systole.loadtest.report;

import org.jspecify.annotations.NullMarked;
