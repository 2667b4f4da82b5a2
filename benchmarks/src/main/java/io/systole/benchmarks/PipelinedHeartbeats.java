// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks;

import java.util.Random;

/**
 * Heartbeats of a whole fleet back to back, as pipelined requests lie in a read buffer. Every
 * instance beats once before any beats again, in an order that is shuffled with a fixed seed: the
 * bytes themselves come in a row, as they do from a socket, but where they lead to in a registry is
 * as far apart as in life.
 */
public final class PipelinedHeartbeats {
  private static final long SEED = 20_260_101;

  /** A small fleet beats so often that no branch predictor learns its order. */
  private static final int BEATS_MIN = 4096;

  private final byte[] bytes;

  /** Where each heartbeat begins; one more entry says where the last one ends. */
  private final int[] starts;

  private PipelinedHeartbeats(byte[] bytes, int[] starts) {
    this.bytes = bytes;
    this.starts = starts;
  }

  /** Whole heads: {@code PUT}, target, headers. */
  public static PipelinedHeartbeats ofHeads(BenchmarkFleet fleet, HeartbeatHeaders headers) {
    return of(fleet, new byte[] {'P', 'U', 'T', ' '}, headers.bytes());
  }

  /** Targets alone: path and query. */
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

  /** All of it; not a copy. */
  public byte[] bytes() {
    return bytes;
  }

  public int beatCount() {
    return starts.length - 1;
  }

  /** Where heartbeat {@code beat} begins, 0..{@link #beatCount}. */
  public int start(int beat) {
    return starts[beat];
  }

  /** How many whole bursts of so many heartbeats there are. */
  public int burstCount(int beatsPerBurst) {
    return beatCount() / beatsPerBurst;
  }
}
