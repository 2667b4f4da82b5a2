// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The last batch of each sequence that a Systole node sends. A batch that the network delivers
 * after its timeout is recognized by it: its repetition and later changes may have been applied,
 * which it would undo. Thread-safe.
 */
final class BatchSequences {
  /** The number of sequences that are remembered, as many as a node has peers. */
  static final int SEQUENCES_MAX = 64;

  /** The maximum length of the name of a sequence; those of nodes have 36 characters. */
  private static final int NAME_LENGTH_MAX = 64;

  /** In the order of their last batches. */
  private final Map<String, Long> last = new LinkedHashMap<>();

  /**
   * Records a batch.
   *
   * @param position {@code <sequence>/<number>}, or null from stock servers
   * @return false if a later batch of the sequence has been recorded, or this one; true also for
   *     batches without a valid position
   */
  synchronized boolean record(@Nullable String position) {
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
    Long previous = last.remove(sequence);
    if (previous != null && previous >= number) {
      last.put(sequence, previous);
      return false;
    }
    last.put(sequence, number);
    if (last.size() > SEQUENCES_MAX) {
      last.remove(last.keySet().iterator().next());
    }
    return true;
  }
}
