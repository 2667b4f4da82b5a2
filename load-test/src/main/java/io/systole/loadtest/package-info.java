// SPDX-License-Identifier: Apache-2.0
/**
 * Drives a registry with the heartbeats of a simulated fleet and says how it fared.
 *
 * <p>It meets the server through a port only, by way of the client. Options come from the command
 * line, figures go to standard output and to a file, progress and logs to standard error. Nothing
 * here takes a figure from the server's word alone.
 */
@NullMarked
package io.systole.loadtest;

import org.jspecify.annotations.NullMarked;
