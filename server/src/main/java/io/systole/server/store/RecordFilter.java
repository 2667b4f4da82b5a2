// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.protocol.model.InstanceKey;
import java.nio.charset.StandardCharsets;

/** A filter of encoded records. Thread-safe. */
interface RecordFilter {
  /** Accepts all records. */
  RecordFilter ALL = (bytes, from, length) -> true;

  /** Returns whether the record may match; a match is confirmed after decoding. */
  boolean passes(byte[] bytes, int from, int length);

  /** Returns a filter of records that may concern an instance, by the bytes of its id. */
  static RecordFilter of(InstanceKey key) {
    byte[] id = key.id().getBytes(StandardCharsets.UTF_8);
    return (bytes, from, length) -> contains(bytes, from, from + length, id);
  }

  /** Returns a filter of records that may be removals of an instance. */
  static RecordFilter removalsOf(InstanceKey key) {
    RecordFilter ofKey = of(key);
    return (bytes, from, length) ->
        JournalEntrySerializer.isRemoval(bytes, from) && ofKey.passes(bytes, from, length);
  }

  private static boolean contains(byte[] bytes, int from, int to, byte[] pattern) {
    for (int at = from; at <= to - pattern.length; at++) {
      int matched = 0;
      while (matched < pattern.length && bytes[at + matched] == pattern[matched]) {
        matched++;
      }
      if (matched == pattern.length) {
        return true;
      }
    }
    return false;
  }
}
