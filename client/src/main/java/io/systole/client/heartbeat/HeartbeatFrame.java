// SPDX-License-Identifier: Apache-2.0
package io.systole.client.heartbeat;

import io.systole.protocol.renewal.LeaseHandle;
import io.systole.protocol.renewal.MalformedRenewalsException;
import io.systole.protocol.renewal.RenewalFrame;
import io.systole.protocol.renewal.RenewalFrameEncoder;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Objects;

/** The heartbeats of many sessions in one request, a renewal frame (spec §10). */
public final class HeartbeatFrame {
  private final Session[] sessions;

  /** Those of the sessions' handles at the time of sending, which may change meanwhile. */
  private final long[] keys;

  private final long epoch;
  private final boolean isAtFullSpeed;
  private final long sentNs;

  private HeartbeatFrame(Session[] sessions, boolean isAtFullSpeed, long sentNs) {
    this.sessions = sessions;
    this.keys =
        Arrays.stream(sessions).mapToLong(session -> handleOf(session).key()).toArray();
    this.epoch = handleOf(sessions[0]).epoch();
    this.isAtFullSpeed = isAtFullSpeed;
    this.sentNs = sentNs;
  }

  private static LeaseHandle handleOf(Session session) {
    return Objects.requireNonNull(session.handle());
  }

  /**
   * Creates a frame of heartbeats that are due.
   *
   * @param sessions the first {@code count} of them have handles of one epoch
   * @param count 1..{@link RenewalFrame#RENEWALS_MAX}
   */
  public static HeartbeatFrame due(Session[] sessions, int count, long nowNs) {
    return new HeartbeatFrame(Arrays.copyOf(sessions, count), false, nowNs);
  }

  /** Creates a frame like {@link #due}, of heartbeats that are sent whether due or not. */
  public static HeartbeatFrame atFullSpeed(Session[] sessions, int count, long nowNs) {
    return new HeartbeatFrame(Arrays.copyOf(sessions, count), true, nowNs);
  }

  /** Returns the count of sessions. */
  public int count() {
    return sessions.length;
  }

  public Session session(int index) {
    return sessions[index];
  }

  /** Returns the due time of the heartbeat of a session, monotonic. */
  public long dueNs(int index) {
    return isAtFullSpeed ? sentNs : sessions[index].beatDueNs();
  }

  /** Returns whether the heartbeats were sent whether due or not. */
  public boolean isAtFullSpeed() {
    return isAtFullSpeed;
  }

  byte[] encode() {
    long[] distinct = distinctKeys();
    return RenewalFrameEncoder.encode(epoch, distinct, distinct.length);
  }

  /** Returns the keys in ascending order, each once: sessions of the same instance share a key. */
  private long[] distinctKeys() {
    long[] sorted = keys.clone();
    Arrays.sort(sorted);
    int count = 0;
    for (long key : sorted) {
      if (count == 0 || sorted[count - 1] != key) {
        sorted[count++] = key;
      }
    }
    return count == sorted.length ? sorted : Arrays.copyOf(sorted, count);
  }

  /**
   * Returns the indices of the sessions whose leases were not renewed.
   *
   * @param body of the 200 response
   * @throws MalformedRenewalsException if the body is malformed
   */
  public BitSet refused(byte[] body) throws MalformedRenewalsException {
    BitSet refused = new BitSet();
    if (body.length == 0) {
      return refused;
    }
    long[] inFrame = distinctKeys();
    long[] refusedKeys = Arrays.stream(RenewalFrame.refusedPositions(body, inFrame.length))
        .mapToLong(position -> inFrame[position])
        .toArray();
    for (int index = 0; index < keys.length; index++) {
      refused.set(index, Arrays.binarySearch(refusedKeys, keys[index]) >= 0);
    }
    return refused;
  }
}
