// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.history;

import java.util.Locale;

/**
 * One request for an instance at one member. Requests for an instance follow each other.
 *
 * @param key the instance
 * @param member index of the member
 * @param number of a registration, greater than those before it; of a renewal, that of the last
 *     registration; of a read, the one that was found, or {@link #ABSENT}
 * @param invokedNs when the request was sent, monotonic
 * @param endedNs when the response arrived, or the client gave up
 * @param status of the response, or {@link #NO_RESPONSE}
 */
public record ClientOperation(
    Kind kind, String key, int member, long number, long invokedNs, long endedNs, int status) {
  /** The number that stands for no instance. */
  public static final long ABSENT = -1;

  /** The status of a request that may or may not have had its effect. */
  public static final int NO_RESPONSE = 0;

  private static final int REFUSED_FROM = 300;
  private static final double NS_PER_SEC = 1e9;

  /** The kinds of requests. */
  public enum Kind {
    REGISTER,
    CANCEL,
    RENEW,
    READ
  }

  /** Returns whether the request may have changed the instance. */
  boolean isChange() {
    return (kind == Kind.REGISTER || kind == Kind.CANCEL) && status < REFUSED_FROM;
  }

  boolean isAcknowledged() {
    return status != NO_RESPONSE && status < REFUSED_FROM;
  }

  /** Returns whether the member has promised to keep the lease. */
  boolean isRenewal() {
    return (kind == Kind.REGISTER || kind == Kind.RENEW) && isAcknowledged();
  }

  /** Returns the number that the instance has after this change. */
  long result() {
    return kind == Kind.REGISTER ? number : ABSENT;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%.3f..%.3f s %s %d at member %d: %d",
        invokedNs / NS_PER_SEC,
        endedNs / NS_PER_SEC,
        kind,
        number,
        member,
        status);
  }
}
