// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.history;

import java.util.Locale;
import java.util.Set;

/**
 * One fault of a cluster.
 *
 * @param members those killed, frozen or stopped, or one side of a partition
 * @param fromNs when it began, monotonic
 * @param toNs when all members were complete and in one view again
 */
public record MemberFault(Kind kind, Set<Integer> members, long fromNs, long toNs) {
  private static final double NS_PER_SEC = 1e9;

  public MemberFault {
    members = Set.copyOf(members);
  }

  /** The kinds of faults. */
  public enum Kind {
    /** Ended by {@code kill -9} and started again. */
    KILL,
    /** Suspended and resumed. */
    FREEZE,
    /** Ended in order and started again. */
    STOP,
    /** Separated from the others. */
    PARTITION
  }

  boolean endsProcess(int member) {
    return (kind == Kind.KILL || kind == Kind.STOP) && members.contains(member);
  }

  /** Returns whether it can delay what one of the members sends to the other. */
  boolean separates(int first, int second) {
    return kind == Kind.PARTITION || members.contains(first) || members.contains(second);
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%.3f..%.3f s %s of %s",
        fromNs / NS_PER_SEC,
        toNs / NS_PER_SEC,
        kind,
        members);
  }
}
