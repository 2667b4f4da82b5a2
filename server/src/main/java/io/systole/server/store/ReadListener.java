// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

/** A listener to the reading of files, on the thread that reads. */
interface ReadListener {
  /** Receives a stretch that can't be read. */
  void damaged(CorruptRange corruptRange);

  /**
   * Receives the progress within a file, every few hundred kilobytes.
   *
   * @param file its name
   * @param bytes read so far
   * @param bytesAll of the file
   */
  default void advanced(String file, long bytes, long bytesAll) {}
}
