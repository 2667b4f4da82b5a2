// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.message;

/**
 * The stamp of a status override. Of two overrides of an instance, the one with the greater stamp
 * applies. All numbers compare as signed.
 *
 * @param hlc hybrid logical clock of the change: epoch ms, times 65,536, plus a counter
 * @param member epoch of the member that accepted the change
 */
public record OverrideStamp(long hlc, long member) implements Comparable<OverrideStamp> {
  @Override
  public int compareTo(OverrideStamp other) {
    int byClock = Long.compare(hlc, other.hlc);
    return byClock == 0 ? Long.compare(member, other.member) : byClock;
  }
}
