// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.message;

import org.jspecify.annotations.Nullable;

/**
 * The 64-bit hash of the state of an instance, the same in all versions and on all machines. It
 * starts with a constant. Each of these is added, and the sum mixed by the finalizer of
 * MurmurHash3: key hash; rank, clock and owner of the record stamp; clock and member of the
 * override's stamp, 0 and 0 without an override. Stamps identify changes, so the hash does not need
 * the document.
 */
public final class EntryHash {
  private static final long START = 0x9e3779b97f4a7c15L;

  private EntryHash() {}

  /**
   * Returns the hash of a lease or tombstone.
   *
   * @param override null for none
   */
  public static long of(long keyHash, RecordStamp stamp, @Nullable OverrideStamp override) {
    return override == null
        ? of(keyHash, stamp.rank(), stamp.hlc(), stamp.owner(), 0, 0)
        : of(keyHash, stamp.rank(), stamp.hlc(), stamp.owner(), override.hlc(), override.member());
  }

  /** Returns the hash of the fields of the stamps; those of the override are 0 if there is none. */
  public static long of(
      long keyHash, long rank, long hlc, long owner, long overrideHlc, long overrideMember) {
    long hash = KeyHash.mixed(START + keyHash);
    hash = KeyHash.mixed(hash + rank);
    hash = KeyHash.mixed(hash + hlc);
    hash = KeyHash.mixed(hash + owner);
    hash = KeyHash.mixed(hash + overrideHlc);
    return KeyHash.mixed(hash + overrideMember);
  }
}
