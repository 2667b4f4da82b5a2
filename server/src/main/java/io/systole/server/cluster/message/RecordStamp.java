// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.message;

/**
 * The stamp of a registration or removal. Of two records of an instance, the one with the greater
 * stamp applies; equal stamps are the same change. All numbers compare as signed.
 *
 * @param rank the greatest dirty timestamp of the instance so far, epoch ms; compared first
 * @param hlc hybrid logical clock of the change: epoch ms, times 65,536, plus a counter
 * @param owner epoch of the member that accepted the change
 */
public record RecordStamp(long rank, long hlc, long owner) implements Comparable<RecordStamp> {
  @Override
  public int compareTo(RecordStamp other) {
    int byRank = Long.compare(rank, other.rank);
    if (byRank != 0) {
      return byRank;
    }
    int byClock = Long.compare(hlc, other.hlc);
    return byClock == 0 ? Long.compare(owner, other.owner) : byClock;
  }
}
