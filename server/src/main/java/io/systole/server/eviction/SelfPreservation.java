// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * Whether enough renewals arrive for the silence of some to mean something (spec §3.5).
 *
 * @param isEnabled whether evictions depend on it
 * @param clientsExpected how many are expected to renew
 * @param renewalsExpected what these make in a minute
 * @param share of that which must arrive
 * @param renewals of the last whole minute, 0 during the first
 */
public record SelfPreservation(
    boolean isEnabled, int clientsExpected, double renewalsExpected, double share, long renewals) {
  private static final double SECS_PER_MINUTE = 60;

  /** With clients that all renew at one interval, as stock servers expect them. */
  static SelfPreservation ofClients(
      boolean isEnabled, int clients, int intervalSecs, double share, long renewals) {
    double expected = clients * (SECS_PER_MINUTE / intervalSecs);
    return new SelfPreservation(isEnabled, clients, expected, share, renewals);
  }

  /** As many renewals as must be exceeded: as many are too few. */
  public long threshold() {
    return (long) (renewalsExpected * share);
  }

  /** Whether expired leases may be evicted; with a threshold of 0 they may not. */
  public boolean mayEvict() {
    return !isEnabled || (threshold() > 0 && renewals > threshold());
  }

  /** Whether too few renewals arrive, be it enabled or not. */
  public boolean isBelowThreshold() {
    return renewals <= threshold();
  }

  /**
   * How many more renewals a minute would let evictions go on; 0 when they do, nothing when no
   * number would, the threshold being 0.
   */
  public OptionalLong renewalsMissing() {
    if (mayEvict()) {
      return OptionalLong.of(0);
    }
    return threshold() == 0 ? OptionalLong.empty() : OptionalLong.of(threshold() + 1 - renewals);
  }

  /** The same renewals held against another share. */
  SelfPreservation withShare(double other) {
    return new SelfPreservation(isEnabled, clientsExpected, renewalsExpected, other, renewals);
  }

  /**
   * A share with which evictions would go on, the present one when they do; nothing when none
   * would: fewer than two renewals came, or none is expected.
   */
  public OptionalDouble liftingShare() {
    if (mayEvict()) {
      return OptionalDouble.of(share);
    }
    // A threshold of 0 holds everybody (spec §3.5), so a share may also be too small to lift it.
    return renewals < 2 || renewalsExpected < 1
        ? OptionalDouble.empty()
        : OptionalDouble.of(Math.min(1, (renewals - 0.5) / renewalsExpected));
  }
}
