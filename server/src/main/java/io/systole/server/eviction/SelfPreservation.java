// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * The state of self-preservation, which suspends evictions while too few renewals arrive (spec
 * §3.5).
 *
 * @param isEnabled whether evictions depend on it
 * @param clientsExpected the number of clients expected to renew
 * @param renewalsExpected their renewals per minute
 * @param share the share of the expected renewals that must arrive
 * @param renewals of the last whole minute, 0 during the first
 * @param basis whether {@code renewals} counts a whole minute
 */
public record SelfPreservation(
    boolean isEnabled,
    int clientsExpected,
    double renewalsExpected,
    double share,
    long renewals,
    Basis basis) {
  /** Whether the number of renewals counts a whole minute during which the node had leases. */
  public enum Basis {
    /** No: the node has no leases, so there is nothing to renew. */
    NO_LEASES,
    /** No: no whole minute has been counted since the node got its first lease. */
    FIRST_MINUTE,
    /** Yes. */
    WHOLE_MINUTE
  }

  private static final double SECS_PER_MINUTE = 60;

  /** Creates the state for the renewals of a whole minute. */
  public SelfPreservation(
      boolean isEnabled,
      int clientsExpected,
      double renewalsExpected,
      double share,
      long renewals) {
    this(isEnabled, clientsExpected, renewalsExpected, share, renewals, Basis.WHOLE_MINUTE);
  }

  /** Returns the state for clients that renew at one interval, as stock servers expect. */
  static SelfPreservation ofClients(
      boolean isEnabled, int clients, int intervalSecs, double share, long renewals) {
    double expected = clients * (SECS_PER_MINUTE / intervalSecs);
    return new SelfPreservation(isEnabled, clients, expected, share, renewals);
  }

  /** Returns the number of renewals that must be exceeded. */
  public long threshold() {
    return (long) (renewalsExpected * share);
  }

  /** Returns whether expired leases may be evicted; never with a threshold of 0. */
  public boolean mayEvict() {
    return !isEnabled || (threshold() > 0 && renewals > threshold());
  }

  /**
   * Returns whether evictions are suspended because too few renewals arrive. A node without leases,
   * or in its first minute with any, does not evict either, as stock servers; but nothing has
   * failed.
   */
  public boolean isActive() {
    return basis == Basis.WHOLE_MINUTE && !mayEvict();
  }

  /** Returns whether too few renewals arrive, enabled or not. */
  public boolean isBelowThreshold() {
    return renewals <= threshold();
  }

  /**
   * Returns the additional renewals per minute that would resume evictions: 0 if they are not
   * suspended, empty if the threshold is 0 and no number is enough.
   */
  public OptionalLong renewalsMissing() {
    if (mayEvict()) {
      return OptionalLong.of(0);
    }
    return threshold() == 0 ? OptionalLong.empty() : OptionalLong.of(threshold() + 1 - renewals);
  }

  /** Returns a copy with another share. */
  SelfPreservation withShare(double other) {
    return new SelfPreservation(
        isEnabled, clientsExpected, renewalsExpected, other, renewals, basis);
  }

  /** Returns a copy with another basis. */
  SelfPreservation withBasis(Basis other) {
    return new SelfPreservation(
        isEnabled, clientsExpected, renewalsExpected, share, renewals, other);
  }

  /**
   * Returns a share that would resume evictions: the current one if they are not suspended, empty
   * if there is none because fewer than two renewals arrived, or none is expected.
   */
  public OptionalDouble releasingShare() {
    if (mayEvict()) {
      return OptionalDouble.of(share);
    }
    // A threshold of 0 protects all leases (spec §3.5), so a share may also be too small.
    return renewals < 2 || renewalsExpected < 1
        ? OptionalDouble.empty()
        : OptionalDouble.of(Math.min(1, (renewals - 0.5) / renewalsExpected));
  }
}
