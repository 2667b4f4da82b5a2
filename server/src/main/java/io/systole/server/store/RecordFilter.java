// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.protocol.model.InstanceKey;
import java.nio.charset.StandardCharsets;

/** A test of records before they are decoded. Any thread may call. */
interface RecordFilter {
  /** Every record passes. */
  RecordFilter ALL = (bytes, from, length) -> true;

  /** Whether the record with this payload may be wanted. */
  boolean passes(byte[] bytes, int from, int length);

  /** The records that may tell of an instance: its id stands in them, wherever it came from. */
  static RecordFilter of(InstanceKey key) {
    byte[] id = key.id().getBytes(StandardCharsets.UTF_8);
    return (bytes, from, length) -> contains(bytes, from, from + length, id);
  }

  /** The records that may tell of an instance's removal. */
  static RecordFilter removalsOf(InstanceKey key) {
    RecordFilter ofKey = of(key);
    return (bytes, from, length) ->
        JournalEntrySerializer.isRemoval(bytes, from) && ofKey.passes(bytes, from, length);
  }

  private static boolean contains(byte[] bytes, int from, int to, byte[] wanted) {
    for (int at = from; at <= to - wanted.length; at++) {
      int matched = 0;
      while (matched < wanted.length && bytes[at + matched] == wanted[matched]) {
        matched++;
      }
      if (matched == wanted.length) {
        return true;
      }
    }
    return false;
  }
}
