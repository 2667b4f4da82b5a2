// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import org.jspecify.annotations.Nullable;

/**
 * The state of a key at a member.
 *
 * @param isLive whether there is a lease; otherwise a tombstone
 * @param rank the first part of the stamp
 * @param hlc the second part
 * @param owner the epoch of the member that accepted the change
 * @param overrideHlc the stamp of the override, 0 for none
 * @param overrideMember the epoch of the member that accepted the override
 */
record KeyState(
    boolean isLive, long rank, long hlc, long owner, long overrideHlc, long overrideMember) {
  /** Compares the stamps of two changes; nothing is older than any change. */
  static int compare(@Nullable KeyState one, @Nullable KeyState other) {
    if (one == null || other == null) {
      return Boolean.compare(one != null, other != null);
    }
    int byRank = Long.compare(one.rank, other.rank);
    int byHlc = Long.compare(one.hlc, other.hlc);
    return byRank != 0 ? byRank : byHlc != 0 ? byHlc : Long.compare(one.owner, other.owner);
  }

  static int compareOverrides(KeyState one, KeyState other) {
    int byHlc = Long.compare(one.overrideHlc, other.overrideHlc);
    return byHlc != 0 ? byHlc : Long.compare(one.overrideMember, other.overrideMember);
  }
}
