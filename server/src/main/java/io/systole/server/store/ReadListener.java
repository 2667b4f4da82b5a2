// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

/** A listener for progress and damage, called on the thread that reads. */
interface ReadListener {
  /** Reports a range that can't be read. */
  void damaged(CorruptRange corruptRange);

  /**
   * Reports progress within a file, every few hundred kilobytes.
   *
   * @param file file name without its directory
   * @param bytes read so far
   * @param bytesAll size of the file
   */
  default void advanced(String file, long bytes, long bytesAll) {}
}
