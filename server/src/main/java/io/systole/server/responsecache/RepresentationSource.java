// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

/** A source of a document's bytes, from first to last. Used by one thread at a time. */
public interface RepresentationSource extends AutoCloseable {
  /**
   * Copies the next bytes: as many as requested, except at the end. Segments can be tiny, and each
   * read is sent separately.
   *
   * @param length maximum number of bytes, 1 or more
   * @return number of bytes copied, at least 1; -1 at the end
   */
  int read(byte[] into, int from, int length);

  /** Releases resources; may be called before the end, and more than once. */
  @Override
  void close();
}
