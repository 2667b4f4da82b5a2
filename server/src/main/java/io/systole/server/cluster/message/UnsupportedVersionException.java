// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.message;

/** Thrown for a message of a known kind in a version that this member can't read. */
public final class UnsupportedVersionException extends Exception {
  private static final long serialVersionUID = 1;

  private final MessageKind kind;
  private final int version;

  UnsupportedVersionException(MessageKind kind, int version, int versionMax) {
    super(
        kind + " of version " + version + " is not within " + MessageVersion.OLDEST + ".."
            + versionMax,
        null,
        false,
        false);
    this.kind = kind;
    this.version = version;
  }

  public MessageKind kind() {
    return kind;
  }

  /** Returns the version of the message, 0..255. */
  public int version() {
    return version;
  }
}
