// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks;

import java.util.Random;

/**
 * Heartbeats of a fleet back to back, like pipelined requests in a read buffer. Every instance
 * sends one heartbeat before any sends another, in an order shuffled with a fixed seed: the bytes
 * are sequential, as from a socket, but the leases they refer to are scattered in memory.
 */
public final class PipelinedHeartbeats {
  private static final long SEED = 20_260_101;

  /**
   * Minimum number of heartbeats; enough that no branch predictor learns the order of a small
   * fleet.
   */
  private static final int BEATS_MIN = 4096;

  private final byte[] bytes;

  /** Offset of each heartbeat; the additional last entry is the end of the last one. */
  private final int[] starts;

  private PipelinedHeartbeats(byte[] bytes, int[] starts) {
    this.bytes = bytes;
    this.starts = starts;
  }

  /** Returns complete request heads: {@code PUT}, target, header fields. */
  public static PipelinedHeartbeats ofHeads(BenchmarkFleet fleet, HeartbeatHeaders headers) {
    return of(fleet, new byte[] {'P', 'U', 'T', ' '}, headers.bytes());
  }

  /** Returns targets only: path and query. */
  static PipelinedHeartbeats ofTargets(BenchmarkFleet fleet) {
    return of(fleet, new byte[0], new byte[0]);
  }

  private static PipelinedHeartbeats of(BenchmarkFleet fleet, byte[] before, byte[] after) {
    int size = fleet.size();
    int rounds = (BEATS_MIN + size - 1) / size;
    byte[][] targets = new byte[size][];
    int roundBytes = 0;
    for (int i = 0; i < size; i++) {
      targets[i] = fleet.target(i);
      roundBytes += before.length + targets[i].length + after.length;
    }
    byte[] bytes = new byte[Math.multiplyExact(roundBytes, rounds)];
    int[] starts = new int[size * rounds + 1];
    Random random = new Random(SEED);
    int at = 0;
    for (int beat = 0; beat < size * rounds; beat++) {
      if (beat % size == 0) {
        shuffle(targets, random);
      }
      starts[beat] = at;
      at = append(bytes, at, before);
      at = append(bytes, at, targets[beat % size]);
      at = append(bytes, at, after);
    }
    starts[size * rounds] = at;
    return new PipelinedHeartbeats(bytes, starts);
  }

  private static void shuffle(byte[][] targets, Random random) {
    for (int i = targets.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      byte[] swapped = targets[i];
      targets[i] = targets[j];
      targets[j] = swapped;
    }
  }

  private static int append(byte[] bytes, int at, byte[] part) {
    System.arraycopy(part, 0, bytes, at, part.length);
    return at + part.length;
  }

  /** Returns the bytes of all heartbeats; not a copy. */
  public byte[] bytes() {
    return bytes;
  }

  public int beatCount() {
    return starts.length - 1;
  }

  /** Returns the offset of heartbeat {@code beat}, 0..{@link #beatCount}. */
  public int start(int beat) {
    return starts[beat];
  }

  /** Returns the number of complete bursts of {@code beatsPerBurst} heartbeats. */
  public int burstCount(int beatsPerBurst) {
    return beatCount() / beatsPerBurst;
  }
}
