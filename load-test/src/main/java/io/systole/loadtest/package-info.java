// SPDX-License-Identifier: Apache-2.0
/**
 * Load generator for Eureka v2 registries: command line, options and output.
 *
 * <p>Targets are accessed over the network only, through the client. Reports go to standard output
 * and files, progress and logs to standard error. Every figure is measured here; the target's own
 * counters serve as a cross-check only.
 */
@NullMarked
package io.systole.loadtest;

import org.jspecify.annotations.NullMarked;
