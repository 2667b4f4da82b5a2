// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.message;

/** The versions of the messages. A member reads all, and sends the newest that all members read. */
public final class MessageVersion {
  /** The oldest version that is read; messages to members of unknown versions are in it. */
  public static final int OLDEST = 1;

  /** The newest version: renewals may be bitmaps. */
  public static final int CURRENT = 2;

  private MessageVersion() {}

  /** Returns whether the renewals of a version may be bitmaps. */
  static boolean hasBitmaps(int version) {
    return version > OLDEST;
  }

  /**
   * Checks the version of a message to send.
   *
   * @throws IllegalArgumentException if this build can't write it
   */
  static int checked(int version) {
    if (version < OLDEST || version > CURRENT) {
      throw new IllegalArgumentException(
          "version=" + version + " is not within " + OLDEST + ".." + CURRENT);
    }
    return version;
  }
}
