// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.message;

import io.systole.protocol.model.InstanceKey;

/**
 * The 64-bit hash of an instance key, the same in all versions and on all machines: FNV-1a over the
 * UTF-16 code units of the app, the unit 0xFFFF, and those of the id, each unit in one step; then
 * the finalizer of MurmurHash3, as FNV alone leaves the top bits of short keys alike. Equal hashes
 * of different keys only cost repeated pushes.
 */
public final class KeyHash {
  /** The number of buckets; their index is the top bits of the hash. */
  public static final int BUCKETS = 1024;

  private static final int BUCKET_SHIFT = Long.SIZE - 10;
  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  /** Not a character, so that no app ends with it. */
  private static final char SEPARATOR = '\uffff';

  private KeyHash() {}

  /** Returns the hash of a key. */
  public static long of(InstanceKey key) {
    return of(key.app(), key.id());
  }

  /**
   * Returns the hash of a key.
   *
   * @param app upper case
   */
  public static long of(String app, String id) {
    long hash = add(FNV_OFFSET, app);
    hash = (hash ^ SEPARATOR) * FNV_PRIME;
    return mixed(add(hash, id));
  }

  /** Returns the bucket of a key by its hash, 0..1023. */
  public static int bucket(long keyHash) {
    return (int) (keyHash >>> BUCKET_SHIFT);
  }

  private static long add(long hash, String text) {
    long next = hash;
    for (int i = 0; i < text.length(); i++) {
      next = (next ^ text.charAt(i)) * FNV_PRIME;
    }
    return next;
  }

  /** Returns the mixed bits of a number: the finalizer of MurmurHash3, a bijection. */
  static long mixed(long number) {
    long mixed = (number ^ number >>> 33) * 0xff51afd7ed558ccdL;
    mixed = (mixed ^ mixed >>> 33) * 0xc4ceb9fe1a85ec53L;
    return mixed ^ mixed >>> 33;
  }
}
