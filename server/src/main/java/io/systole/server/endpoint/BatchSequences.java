// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.server.route.SourceAddress;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The last batch of each sequence that a Systole node sends. A batch that the network delivers
 * after its timeout is recognized by it: its repetition and later changes may have been applied,
 * which it would undo. Thread-safe.
 */
final class BatchSequences {
  /**
   * The number of sequences that are remembered: those of 64 peers and of their earlier runs. The
   * names are the senders' choice, so the source address with the most sequences loses one first.
   */
  static final int SEQUENCES_MAX = 1024;

  /** The maximum length of the name of a sequence; those of nodes have 36 characters. */
  private static final int NAME_LENGTH_MAX = 64;

  /** The last batch of a sequence. */
  private record LastBatch(long number, SourceAddress source) {}

  /**
   * In the order of their last batches. The name alone identifies a sequence: a node may send from
   * several addresses.
   */
  private final Map<String, LastBatch> last = new LinkedHashMap<>();

  /**
   * Records a batch.
   *
   * @param position {@code <sequence>/<number>}, or null from stock servers
   * @param source of the batch
   * @return false if a later batch of the sequence has been recorded, or this one; true also for
   *     batches without a valid position
   */
  synchronized boolean record(@Nullable String position, SourceAddress source) {
    int slash = position == null ? -1 : position.indexOf('/');
    if (position == null || slash < 1 || slash > NAME_LENGTH_MAX) {
      return true;
    }
    long number;
    try {
      number = Long.parseLong(position, slash + 1, position.length(), 10);
    } catch (NumberFormatException invalid) {
      return true;
    }
    String sequence = position.substring(0, slash);
    LastBatch previous = last.get(sequence);
    if (previous != null && previous.number() >= number) {
      return false;
    }
    last.remove(sequence);
    last.put(sequence, new LastBatch(number, source));
    if (last.size() > SEQUENCES_MAX) {
      removeOldestOf(largestSource());
    }
    return true;
  }

  private SourceAddress largestSource() {
    Map<SourceAddress, Integer> counts = new HashMap<>();
    last.values().forEach(batch -> counts.merge(batch.source(), 1, Integer::sum));
    return Collections.max(counts.entrySet(), Map.Entry.comparingByValue()).getKey();
  }

  private void removeOldestOf(SourceAddress source) {
    Iterator<LastBatch> batches = last.values().iterator();
    while (batches.hasNext()) {
      if (batches.next().source().equals(source)) {
        batches.remove();
        return;
      }
    }
  }
}
