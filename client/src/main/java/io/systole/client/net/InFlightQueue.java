// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import io.systole.client.heartbeat.RequestType;
import io.systole.client.heartbeat.Session;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Who asked what, oldest first: answers on one connection come in the order of the requests (RFC
 * 9112 §9.3.2), so the oldest entry is whose answer comes next. A bounded ring for one thread.
 */
final class InFlightQueue {
  private final int max;
  private final int mask;
  private final @Nullable Session[] sessions;
  private final @Nullable RequestType[] asks;
  private final long[] dueNs;
  private final long[] sentNs;

  /** Entries ever added and ever taken; their difference is the count. */
  private int added;

  private int taken;

  /** @param max entries at most, 1..2^20 */
  InFlightQueue(int max) {
    if (max < 1 || max > 1 << 20) {
      throw new IllegalArgumentException("inFlightMax=" + max + " is not within 1.." + (1 << 20));
    }
    int slots = Integer.highestOneBit(2 * max - 1);
    this.max = max;
    this.mask = slots - 1;
    this.sessions = new @Nullable Session[slots];
    this.asks = new @Nullable RequestType[slots];
    this.dueNs = new long[slots];
    this.sentNs = new long[slots];
  }

  int count() {
    return added - taken;
  }

  /** Returns how many were ever taken. */
  int taken() {
    return taken;
  }

  /** Returns how many more may be added. */
  int space() {
    return max - count();
  }

  /**
   * Adds a request.
   *
   * @throws IllegalStateException when there is no room
   */
  void add(Session session, RequestType ask, long due, long sent) {
    if (space() == 0) {
      throw new IllegalStateException("in flight already " + count() + " of at most " + max);
    }
    int slot = added & mask;
    sessions[slot] = session;
    asks[slot] = ask;
    dueNs[slot] = due;
    sentNs[slot] = sent;
    added++;
  }

  /* The oldest entry; only while count() is not 0. */

  Session session() {
    return Objects.requireNonNull(sessions[taken & mask], "nothing is in flight");
  }

  RequestType ask() {
    return Objects.requireNonNull(asks[taken & mask], "nothing is in flight");
  }

  long dueNs() {
    return dueNs[taken & mask];
  }

  long sentNs() {
    return sentNs[taken & mask];
  }

  /** Forgets the oldest entry. */
  void take() {
    if (count() == 0) {
      throw new IllegalStateException("nothing is in flight");
    }
    sessions[taken & mask] = null;
    taken++;
  }
}
