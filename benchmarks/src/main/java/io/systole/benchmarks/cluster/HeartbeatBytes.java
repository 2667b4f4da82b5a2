// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.cluster;

import io.systole.benchmarks.readcost.DataSet;
import java.io.ByteArrayOutputStream;

/** The heartbeats of all instances of a data set, encoded once. Thread-safe. */
final class HeartbeatBytes {
  /** The number of instances whose heartbeats share an array, which has a maximum size. */
  private static final int CHUNK = 1 << 16;

  private final int instances;
  private final byte[][] chunks;
  private final int[] ends;

  HeartbeatBytes(DataSet dataSet, String prefix) {
    instances = dataSet.instances();
    chunks = new byte[(instances + CHUNK - 1) / CHUNK][];
    ends = new int[instances];
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < instances; i++) {
      bytes.writeBytes(dataSet.heartbeat(prefix, i, 0));
      ends[i] = bytes.size();
      if (i % CHUNK == CHUNK - 1 || i == instances - 1) {
        chunks[i / CHUNK] = bytes.toByteArray();
        bytes.reset();
      }
    }
  }

  int instances() {
    return instances;
  }

  /** Appends the heartbeat of an instance. */
  void append(int index, ByteArrayOutputStream out) {
    int from = index % CHUNK == 0 ? 0 : ends[index - 1];
    out.write(chunks[index / CHUNK], from, ends[index] - from);
  }
}
