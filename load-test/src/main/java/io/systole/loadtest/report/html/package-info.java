// SPDX-License-Identifier: Apache-2.0
/**
 * Reports as self-contained HTML pages: tables without scripts and plots with them. Input is
 * reports, output is text; page.html, page.css and page.js are the template, uPlot (MIT, vendored
 * as published) draws the plots.
 */
@NullMarked
package io.systole.loadtest.report.html;

import org.jspecify.annotations.NullMarked;
