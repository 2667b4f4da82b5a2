// SPDX-License-Identifier: Apache-2.0
/**
 * The report as one HTML file for someone who was not there: tables that need no script, plots that
 * do, and nothing that is fetched from anywhere. Takes reports, gives text; page.html, page.css and
 * page.js beside the classes are its form, uPlot (MIT, vendored as published) draws.
 */
@NullMarked
package io.systole.loadtest.report.html;

import org.jspecify.annotations.NullMarked;
