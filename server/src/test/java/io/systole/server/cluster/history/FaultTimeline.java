// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.history;

import io.systole.server.cluster.history.MemberFault.Kind;
import java.util.List;

/**
 * The faults of a run, from which follows what members must know at a time. Faults do not overlap.
 */
final class FaultTimeline {
  /**
   * Times that the cluster is allowed to take.
   *
   * @param propagationNs for a change to reach all members of a view
   * @param convergenceNs for all members to be equal after a fault
   * @param leaseNs for which a renewed lease is kept
   */
  record Limits(long propagationNs, long convergenceNs, long leaseNs) {}

  private final List<MemberFault> faults;
  private final Limits limits;

  FaultTimeline(List<MemberFault> faults, Limits limits) {
    this.faults = List.copyOf(faults);
    this.limits = limits;
  }

  Limits limits() {
    return limits;
  }

  /**
   * Returns the time after which a request can no longer take effect. A frozen member executes the
   * requests in its socket buffers when it is resumed.
   */
  long effectEndNs(ClientOperation operation) {
    if (operation.status() != ClientOperation.NO_RESPONSE) {
      return operation.endedNs();
    }
    long endNs = operation.endedNs();
    for (MemberFault fault : faults) {
      if (fault.kind() == Kind.FREEZE
          && fault.members().contains(operation.member())
          && fault.fromNs() <= operation.endedNs()
          && fault.toNs() >= operation.invokedNs()) {
        endNs = Math.max(endNs, fault.toNs());
      }
    }
    return endNs + limits.propagationNs();
  }

  /** Returns whether a change can't have been lost with the member that acknowledged it. */
  boolean isDurable(ClientOperation change) {
    return change.isAcknowledged()
        && faults.stream()
            .noneMatch(fault -> fault.kind() == Kind.KILL
                && fault.members().contains(change.member())
                && fault.fromNs() >= change.invokedNs()
                && fault.fromNs() <= change.endedNs() + limits.propagationNs());
  }

  /** Returns whether a process of the member that ran at {@code fromNs} still runs. */
  boolean hasRun(int member, long fromNs, long toNs) {
    return faults.stream()
        .noneMatch(
            fault -> fault.endsProcess(member) && fault.fromNs() <= toNs && fault.toNs() >= fromNs);
  }

  /** Returns whether a member must have the effect of an operation that was not lost. */
  boolean hasReached(ClientOperation operation, int member, long atNs) {
    if (operation.member() == member
        && operation.isAcknowledged()
        && operation.endedNs() <= atNs
        && hasRun(member, operation.invokedNs(), atNs)) {
      return true;
    }
    long quietNs = effectEndNs(operation);
    while (quietNs + limits.propagationNs() <= atNs) {
      long end = quietNs + limits.propagationNs();
      long nextNs = quietNs;
      for (MemberFault fault : faults) {
        long convergedNs = fault.toNs() + limits.convergenceNs();
        if (fault.separates(operation.member(), member)
            && fault.fromNs() <= end
            && convergedNs > nextNs) {
          nextNs = convergedNs;
        }
      }
      if (nextNs == quietNs) {
        // The process of the member may have ended later, but then it has joined again.
        return isAwake(member, atNs);
      }
      quietNs = nextNs;
    }
    return false;
  }

  /** Returns whether the member has had the time to join since its last end. */
  private boolean isAwake(int member, long atNs) {
    return faults.stream()
        .noneMatch(fault -> fault.endsProcess(member)
            && fault.fromNs() <= atNs
            && fault.toNs() + limits.convergenceNs() > atNs);
  }
}
