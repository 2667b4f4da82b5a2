// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

/** One reading of an answer's bytes, from first to last. One thread at a time. */
public interface RepresentationSource extends AutoCloseable {
  /**
   * Copies the next bytes: all that are asked for, but at the end. Pieces can be tiny, and each
   * read is sent by itself.
   *
   * @param length how many at most, at least 1
   * @return how many there were, at least 1; -1 at the end
   */
  int read(byte[] into, int from, int length);

  /** Gives back what the pass holds; may come before the end, and twice. */
  @Override
  void close();
}
