// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.servers;

import java.util.List;

/**
 * Options with which a server is started, the same for all servers of a comparison.
 *
 * @param jvmOptions in addition to those of the Systole launcher
 * @param deltaRetentionMs retention of changes in deltas; 0 for the default of each server, which
 *     is three minutes for all
 */
public record LaunchOptions(List<String> jvmOptions, long deltaRetentionMs) {
  /** Default settings. */
  public static final LaunchOptions DEFAULT = new LaunchOptions(List.of(), 0);
}
