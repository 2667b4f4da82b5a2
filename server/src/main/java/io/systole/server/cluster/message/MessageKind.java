// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.message;

import org.jspecify.annotations.Nullable;

/** The kinds of messages. Constants may be appended, never reordered: codes are ordinals plus 1. */
public enum MessageKind {
  /** A member and its versions, to all members of a view. */
  HELLO,
  /** Changes, to all members. */
  RECORDS,
  /** The renewals of a window, to all members. */
  BEAT,
  /** Counts and hashes of the sender's leases, to all members. */
  DIGEST,
  /** A request for the records of a bucket, to one member. */
  PULL,
  /** The records that a PULL requested. */
  PUSH,
  /** The sender leaves gracefully, to all members. */
  DRAIN;

  private static final MessageKind[] KINDS = values();

  /** Returns the first byte of messages of this kind. */
  public int code() {
    return ordinal() + 1;
  }

  /** Returns the kind of a code, or null. */
  static @Nullable MessageKind of(int code) {
    return code < 1 || code > KINDS.length ? null : KINDS[code - 1];
  }
}
