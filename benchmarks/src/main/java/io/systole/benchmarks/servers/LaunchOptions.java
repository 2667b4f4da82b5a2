// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.servers;

import java.util.List;

/**
 * On which terms a server is started; the same for all of a comparison.
 *
 * @param jvmOptions beside those that the launcher of ours gives
 * @param deltaRetentionMs how long a change is told in deltas; 0 leaves each server its own
 *     default, which is three minutes for all
 */
public record LaunchOptions(List<String> jvmOptions, long deltaRetentionMs) {
  /** Everything as it comes. */
  public static final LaunchOptions PLAIN = new LaunchOptions(List.of(), 0);
}
