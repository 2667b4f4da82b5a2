// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import io.systole.client.heartbeat.HeartbeatFrame;
import io.systole.client.heartbeat.RequestType;
import io.systole.client.heartbeat.Session;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The requests in flight on one connection, oldest first. Responses arrive in the order of the
 * requests (RFC 9112 §9.3.2), so the next response belongs to the oldest entry. A bounded ring for
 * one thread.
 */
final class InFlightQueue {
  private final int max;
  private final int mask;
  private final @Nullable Session[] sessions;
  private final @Nullable RequestType[] types;

  /** Null until the first frame. */
  private @Nullable HeartbeatFrame @Nullable [] frames;

  private final long[] dueNs;
  private final long[] sentNs;

  /** Totals of entries added and removed; their difference is the count. */
  private int added;

  private int removed;

  /** @param max capacity, 1..2^20 */
  InFlightQueue(int max) {
    if (max < 1 || max > 1 << 20) {
      throw new IllegalArgumentException("inFlightMax=" + max + " is not within 1.." + (1 << 20));
    }
    int slots = Integer.highestOneBit(2 * max - 1);
    this.max = max;
    this.mask = slots - 1;
    this.sessions = new @Nullable Session[slots];
    this.types = new @Nullable RequestType[slots];
    this.dueNs = new long[slots];
    this.sentNs = new long[slots];
  }

  int count() {
    return added - removed;
  }

  /** Returns the total number of entries removed. */
  int removed() {
    return removed;
  }

  /** Returns the number of entries that may be added. */
  int space() {
    return max - count();
  }

  /**
   * Adds a request.
   *
   * @throws IllegalStateException if the queue is full
   */
  void add(Session session, RequestType type, long due, long sent) {
    int slot = freeSlot();
    sessions[slot] = session;
    types[slot] = type;
    dueNs[slot] = due;
    sentNs[slot] = sent;
    added++;
  }

  /** Adds a frame like a request. */
  void add(HeartbeatFrame frame, long sent) {
    int slot = freeSlot();
    if (frames == null) {
      frames = new @Nullable HeartbeatFrame[mask + 1];
    }
    frames[slot] = frame;
    sentNs[slot] = sent;
    added++;
  }

  private int freeSlot() {
    if (space() == 0) {
      throw new IllegalStateException("requests in flight exceed inFlightMax=" + max);
    }
    return added & mask;
  }

  /** Returns the total number of entries added. */
  int added() {
    return added;
  }

  /*
   * These read the oldest entry, and require that count() is not 0. The entry of a frame has no
   * session, type or due time.
   */

  boolean isFrame() {
    return frames != null && frames[removed & mask] != null;
  }

  Session session() {
    return Objects.requireNonNull(sessions[removed & mask], "nothing is in flight");
  }

  HeartbeatFrame frame() {
    return Objects.requireNonNull(Objects.requireNonNull(frames)[removed & mask]);
  }

  RequestType type() {
    return Objects.requireNonNull(types[removed & mask], "nothing is in flight");
  }

  long dueNs() {
    return dueNs[removed & mask];
  }

  long sentNs() {
    return sentNs[removed & mask];
  }

  /** Removes the oldest entry. */
  void remove() {
    if (count() == 0) {
      throw new IllegalStateException("nothing is in flight");
    }
    sessions[removed & mask] = null;
    if (frames != null) {
      frames[removed & mask] = null;
    }
    removed++;
  }
}
