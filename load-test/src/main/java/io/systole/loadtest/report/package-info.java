// SPDX-License-Identifier: Apache-2.0
/**
 * The results of load runs as values, and their forms: terminal text, JSON, JUnit XML, histogram
 * logs. Independent of how they were measured.
 */
@NullMarked
package io.systole.loadtest.report;

import org.jspecify.annotations.NullMarked;
