// SPDX-License-Identifier: Apache-2.0
package io.systole.server.route;

import java.util.function.Function;
import java.util.function.Supplier;

/** The body of a response: full, or streamed from a {@link BodySource} as the socket accepts it. */
public sealed interface ResponseBody {
  /** The {@link #length} of a body whose length is not known in advance. */
  long UNKNOWN_LENGTH = -1;

  /** No body. */
  ResponseBody NONE = new Full(new byte[0]);

  /**
   * A body that is held in memory.
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
   * A streamed body of known length.
   *
   * @param length bytes that the source returns in total, 0 or more
   * @param sources opens a source; called on an event loop, at most once per response
   */
  record FixedLength(long length, Supplier<? extends BodySource> sources) implements ResponseBody {
    public FixedLength {
      if (length < 0) {
        throw new IllegalArgumentException("length=" + length);
      }
    }
  }

  /**
   * A streamed body of unknown length.
   *
   * @param sources opens a source, given the action that wakes the connection; called on an event
   *     loop, at most once per response
   */
  record Streaming(Function<Runnable, ? extends BodySource> sources) implements ResponseBody {
    @Override
    public long length() {
      return UNKNOWN_LENGTH;
    }
  }

  /**
   * Returns a full body, or {@link #NONE} for an empty array.
   *
   * @param bytes owned by the body from now on
   */
  static ResponseBody of(byte[] bytes) {
    return bytes.length == 0 ? NONE : new Full(bytes);
  }

  /**
   * Returns a streamed body of known length. The response timeout applies to it.
   *
   * @param length bytes that each source returns in total, 0 or more
   * @param sources opens a source; called on an event loop, and not for HEAD
   */
  static ResponseBody ofLength(long length, Supplier<? extends BodySource> sources) {
    return new FixedLength(length, sources);
  }

  /**
   * Returns a streamed body of unknown length. It ends when its source ends, when the client closes
   * the connection or shuts its output down, or when the server stops. The bytes of each read are
   * sent at once.
   *
   * @param sources opens a source; called on an event loop, and not for HEAD. Its argument must be
   *     run, on any thread, when more bytes are available after a read that returned 0
   */
  static ResponseBody streaming(Function<Runnable, ? extends BodySource> sources) {
    return new Streaming(sources);
  }

  /** Returns the length in bytes, or {@link #UNKNOWN_LENGTH}. */
  long length();
}
