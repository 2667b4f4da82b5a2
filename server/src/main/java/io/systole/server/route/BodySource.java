// SPDX-License-Identifier: Apache-2.0
package io.systole.server.route;

/**
 * A source of the bytes of one streamed response. Opened when its response is next in order,
 * confined to one event loop from then on, and closed there exactly once, even if the connection
 * has closed.
 */
public interface BodySource extends AutoCloseable {
  /** Returned by {@link #read} at the end of the body. */
  int END = -1;

  /**
   * Reads the next bytes. Must not block, and must not do more than about 64 KB of work.
   *
   * @param from index of the first byte to write
   * @param length maximum number of bytes to read, 1 or more
   * @return the number of bytes read, 0 if none are available now, or {@link #END}. After 0, a body
   *     of known length is read again at once, one of unknown length when it was woken
   * @throws RuntimeException on an internal error; the connection is cut, since the body can't be
   *     completed as announced
   */
  int read(byte[] into, int from, int length);

  @Override
  void close();
}
