// SPDX-License-Identifier: Apache-2.0
package io.systole.server.page;

import org.jspecify.annotations.Nullable;

/**
 * An event that several streams send, and its position in their order. Readers follow {@link #next}
 * and share the bytes; an event is garbage once no reader precedes it.
 */
final class EncodedEvent {
  /*
   * One thread appends. `next` is volatile: a reader that sees the link sees the event.
   */

  private final byte[] text;

  /** Bytes of all events up to and including this one. */
  private final long endBytes;

  private volatile @Nullable EncodedEvent next;

  private EncodedEvent(byte[] text, long endBytes) {
    this.text = text;
    this.endBytes = endBytes;
  }

  /** Returns the empty event that precedes all others. */
  static EncodedEvent sentinel() {
    return new EncodedEvent(new byte[0], 0);
  }

  /** Appends an event to this one, the last. */
  EncodedEvent append(byte[] added) {
    EncodedEvent after = new EncodedEvent(added, endBytes + added.length);
    next = after;
    return after;
  }

  /** Returns the bytes to send, which must not be modified. */
  byte[] text() {
    return text;
  }

  /** Returns the bytes of the events after an earlier one, up to this one. */
  long bytesSince(EncodedEvent earlier) {
    return endBytes - earlier.endBytes;
  }

  /** Returns the following event, or null while there is none. */
  @Nullable
  EncodedEvent next() {
    return next;
  }
}
