// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.history;

import io.systole.server.cluster.history.ClientOperation.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The model of one instance: what it may be after the requests so far. A registration replaces all
 * earlier ones, whichever member accepts it. A cancellation replaces the registrations that its
 * member must have had. What got no response, was lost with its member, or may have missed a
 * registration can have happened or not, until a later change replaces it.
 */
final class KeyHistory {
  private static final int RECENT = 12;

  private final FaultTimeline faults;

  /** The last change that must have happened; null before the first. */
  private @Nullable ClientOperation last;

  /** Changes that may have happened after it. */
  private final List<ClientOperation> possible = new ArrayList<>();

  /** Answered renewals and registrations, which members keep the lease for. */
  private final List<ClientOperation> renewals = new ArrayList<>();

  /** The last requests, for the report of a violation. */
  private final Deque<ClientOperation> recent = new ArrayDeque<>();

  /** Every number that was ever sent. */
  private final Set<Long> sent = new TreeSet<>();

  KeyHistory(FaultTimeline faults) {
    this.faults = faults;
  }

  /** Adds the next request, and returns how its response contradicts the model; null if it fits. */
  @Nullable
  String add(ClientOperation operation) {
    String violation = operation.isChange() ? null : contradiction(operation);
    if (operation.isRenewal()) {
      renewals.add(operation);
    }
    if (recent.size() == RECENT) {
      recent.remove();
    }
    recent.add(operation);
    if (operation.isChange()) {
      change(operation);
    }
    return violation;
  }

  /** Returns the last requests, oldest first. */
  List<ClientOperation> recent() {
    return List.copyOf(recent);
  }

  private void change(ClientOperation change) {
    if (change.kind() == Kind.REGISTER) {
      sent.add(change.number());
    }
    if (!faults.isDurable(change) || (change.kind() == Kind.CANCEL && !cancelsAll(change))) {
      possible.add(change);
      return;
    }
    // What a frozen member still has in its sockets may take effect later.
    possible.removeIf(earlier -> faults.effectEndNs(earlier) <= change.invokedNs());
    last = change;
  }

  /** Returns whether the member of a cancellation must have had everything before it. */
  private boolean cancelsAll(ClientOperation cancel) {
    ClientOperation before = last;
    if (before != null && !isKnown(before, cancel.member(), cancel.invokedNs())) {
      return false;
    }
    return possible.stream()
        .allMatch(change -> faults.hasReached(change, cancel.member(), cancel.invokedNs()));
  }

  /** Returns whether a member must have the effect of a change that has not been lost. */
  private boolean isKnown(ClientOperation change, int member, long atNs) {
    if (faults.hasReached(change, member, atNs)) {
      return true;
    }
    // A renewal names the registration, so its member has it.
    return change.kind() == Kind.REGISTER
        && renewals.stream()
            .anyMatch(renewal -> renewal.kind() == Kind.RENEW
                && renewal.number() >= change.number()
                && renewal.member() == member
                && renewal.endedNs() <= atNs
                && faults.hasRun(member, renewal.invokedNs(), atNs));
  }

  private @Nullable String contradiction(ClientOperation operation) {
    if (operation.status() == 404) {
      if (operation.kind() == Kind.RENEW && mayBeOlderThan(operation.number())) {
        return null;
      }
      return contradiction(ClientOperation.ABSENT, operation.member(), operation.invokedNs());
    }
    if (operation.kind() == Kind.READ && operation.isAcknowledged()) {
      return contradiction(operation.number(), operation.member(), operation.invokedNs());
    }
    if (operation.kind() == Kind.RENEW && operation.isAcknowledged()) {
      return resurrection(operation);
    }
    return null;
  }

  /** Returns whether an older registration is possible, which members refuse to renew too. */
  private boolean mayBeOlderThan(long number) {
    ClientOperation required = last;
    return (required != null && required.result() < number)
        || possible.stream().anyMatch(change -> change.result() < number);
  }

  private @Nullable String resurrection(ClientOperation renewal) {
    ClientOperation required = last;
    return required != null
            && required.kind() == Kind.CANCEL
            && possible.isEmpty()
            && isKnown(required, renewal.member(), renewal.invokedNs())
        ? "renewed although cancelled by " + required
        : null;
  }

  /**
   * Returns why a member must not show this number at a time; null if it may.
   *
   * @param found a number, or {@link ClientOperation#ABSENT}
   */
  @Nullable
  String contradiction(long found, int member, long atNs) {
    if (found != ClientOperation.ABSENT && !sent.contains(found)) {
      return "never registered with number " + found;
    }
    ClientOperation required = last;
    if (required == null || !isKnown(required, member, atNs)) {
      return null;
    }
    boolean isPossible = required.result() == found
        || possible.stream()
            .anyMatch(change -> change.result() == found && canWin(change, required))
        || (found == ClientOperation.ABSENT && !isRenewed(member, atNs));
    return isPossible
        ? null
        : "found " + found + " at member " + member + " instead of " + required.result() + " by "
            + required + (possible.isEmpty() ? "" : ", nor one of " + possible);
  }

  /**
   * Returns whether a possible change can replace the last one: an older registration that arrives
   * late only if a cancellation came before.
   */
  private boolean canWin(ClientOperation change, ClientOperation required) {
    return change.kind() == Kind.CANCEL
        || change.number() > required.result()
        || possible.stream().anyMatch(other -> other.kind() == Kind.CANCEL);
  }

  /** Returns whether a renewal that the member must know of keeps the lease at that time. */
  private boolean isRenewed(int member, long atNs) {
    return renewals.stream()
        .anyMatch(renewal -> renewal.invokedNs() + faults.limits().leaseNs() > atNs
            && faults.isDurable(renewal)
            && faults.hasReached(renewal, member, atNs));
  }
}
