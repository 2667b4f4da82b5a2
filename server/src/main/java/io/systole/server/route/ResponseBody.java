// SPDX-License-Identifier: Apache-2.0
package io.systole.server.route;

import java.util.function.Function;
import java.util.function.Supplier;

/** What an answer carries: bytes at hand, or a passage that is read as the socket takes it. */
public sealed interface ResponseBody {
  /** The length of a body that nobody knows. */
  long UNKNOWN_LENGTH = -1;

  /** No body. */
  ResponseBody NONE = new Full(new byte[0]);

  /**
   * A body at hand.
   *
   * @param bytes owned by the body from now on
   */
  @SuppressWarnings("ArrayRecordComponent") // Bodies are sent, never compared.
  record Full(byte[] bytes) implements ResponseBody {
    @Override
    public long length() {
      return bytes.length;
    }
  }

  /**
   * A body too long to be held by each connection that reads it.
   *
   * @param length bytes that the passage will bring, 0 or more
   * @param passages opens a reading; called on an event loop at most once for each answer
   */
  record FixedLength(long length, Supplier<? extends BodySource> passages) implements ResponseBody {
    public FixedLength {
      if (length < 0) {
        throw new IllegalArgumentException("length=" + length);
      }
    }
  }

  /**
   * A body whose end nobody knows.
   *
   * @param passages opens a reading, given what wakes the connection; called on an event loop at
   *     most once for each answer
   */
  record Streaming(Function<Runnable, ? extends BodySource> passages) implements ResponseBody {
    @Override
    public long length() {
      return UNKNOWN_LENGTH;
    }
  }

  /**
   * A body at hand, or none.
   *
   * @param bytes owned by the body from now on
   */
  static ResponseBody of(byte[] bytes) {
    return bytes.length == 0 ? NONE : new Full(bytes);
  }

  /**
   * A body that is read in passes. Its reader is given a bounded time for all of it.
   *
   * @param length bytes that each passage will bring, 0 or more
   * @param passages opens a reading; called on an event loop, and not at all for HEAD
   */
  static ResponseBody ofLength(long length, Supplier<? extends BodySource> passages) {
    return new FixedLength(length, passages);
  }

  /**
   * A body that goes on until its passage, its reader or the node ends it. Each read is sent by
   * itself and at once. A reader that ends its own side of the connection has ended the body.
   *
   * @param passages opens a reading, given what to run, on any thread, whenever there is more to
   *     read after a read that brought nothing; called on an event loop, and not at all for HEAD
   */
  static ResponseBody endless(Function<Runnable, ? extends BodySource> passages) {
    return new Streaming(passages);
  }

  /** Bytes, or {@link #UNKNOWN_LENGTH}. */
  long length();
}
