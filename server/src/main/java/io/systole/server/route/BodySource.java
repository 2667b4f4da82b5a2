// SPDX-License-Identifier: Apache-2.0
package io.systole.server.route;

/**
 * One reading of a long body, from its beginning. Opened when the answer's turn has come, used on
 * one event loop from then on, and closed there exactly once, also when the reader went away.
 */
public interface BodySource extends AutoCloseable {
  /** What {@link #read} says at the end. */
  int END = -1;

  /**
   * Brings the next bytes. Must not block, and does at most the work of some 64 KB.
   *
   * @param from index of the first byte to write
   * @param length most bytes to bring, 1 or more
   * @return how many bytes were brought; 0 when there is none for now, {@link #END} when there will
   *     be none. After a 0 a body of known length is simply asked again, an endless one when it was
   *     woken
   * @throws RuntimeException when we were wrong; the connection is cut, since what it was told of
   *     the body no longer holds
   */
  int read(byte[] into, int from, int length);

  @Override
  void close();
}
