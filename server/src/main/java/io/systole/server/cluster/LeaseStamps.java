// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.server.cluster.message.KeyHash;
import java.util.Arrays;

/**
 * The stamps and ids of the leases by slot, linked into lists by bucket of key hashes. Guarded by
 * the registry's monitor.
 */
final class LeaseStamps {
  /*
   * Parallel arrays, 52 bytes a slot; with the entry of the owner's table and the bits of sets, a
   * lease takes 57 bytes. They grow by half, so up to a third is unused. Owners are indices of
   * OwnerTable; a slot without an owner is unknown.
   */

  /** The end of a list. */
  static final int NONE = -1;

  private static final int SLOTS_MIN = 1024;

  private final int[] heads = new int[KeyHash.BUCKETS];
  private long[] keyHash = new long[SLOTS_MIN];
  private long[] rank = new long[SLOTS_MIN];
  private long[] hlc = new long[SLOTS_MIN];
  private long[] overrideHlc = new long[SLOTS_MIN];
  private int[] number = new int[SLOTS_MIN];
  private int[] next = new int[SLOTS_MIN];
  private int[] previous = new int[SLOTS_MIN];
  private char[] owner = new char[SLOTS_MIN];
  private char[] overrideMember = new char[SLOTS_MIN];
  private char[] lastRenewer = new char[SLOTS_MIN];

  /** The ordinal of the status override plus 1, 0 for none. */
  private byte[] overrideCode = new byte[SLOTS_MIN];

  /**
   * The ordinals of status (upper four bits) and overridden status (lower four bits) in the
   * document that the owner accepted, before newer overrides.
   */
  private byte[] acceptedStatuses = new byte[SLOTS_MIN];

  LeaseStamps() {
    Arrays.fill(heads, NONE);
  }

  /** Returns a number greater than all slots with stamps. */
  int slotsEnd() {
    return owner.length;
  }

  /** Returns whether the slot has stamps. */
  boolean isKnown(int slot) {
    return slot < owner.length && owner[slot] != OwnerTable.NONE;
  }

  /** Adds a slot without stamps to the list of its bucket; its owner is to be set next. */
  void add(int slot, long hash) {
    if (slot >= owner.length) {
      grow(Math.max(slot + 1, owner.length + owner.length / 2));
    }
    keyHash[slot] = hash;
    int bucket = KeyHash.bucket(hash);
    int following = heads[bucket];
    heads[bucket] = slot;
    next[slot] = following;
    previous[slot] = NONE;
    if (following != NONE) {
      previous[following] = slot;
    }
  }

  private void grow(int size) {
    keyHash = Arrays.copyOf(keyHash, size);
    rank = Arrays.copyOf(rank, size);
    hlc = Arrays.copyOf(hlc, size);
    overrideHlc = Arrays.copyOf(overrideHlc, size);
    number = Arrays.copyOf(number, size);
    next = Arrays.copyOf(next, size);
    previous = Arrays.copyOf(previous, size);
    owner = Arrays.copyOf(owner, size);
    overrideMember = Arrays.copyOf(overrideMember, size);
    lastRenewer = Arrays.copyOf(lastRenewer, size);
    overrideCode = Arrays.copyOf(overrideCode, size);
    acceptedStatuses = Arrays.copyOf(acceptedStatuses, size);
  }

  /** Removes the stamps of a slot. */
  void remove(int slot) {
    int following = next[slot];
    int preceding = previous[slot];
    if (preceding == NONE) {
      heads[KeyHash.bucket(keyHash[slot])] = following;
    } else {
      next[preceding] = following;
    }
    if (following != NONE) {
      previous[following] = preceding;
    }
    owner[slot] = OwnerTable.NONE;
    lastRenewer[slot] = OwnerTable.NONE;
    setOverride(slot, 0, OwnerTable.NONE, 0);
  }

  /** Returns the first slot of a bucket, or {@link #NONE}. */
  int first(int bucket) {
    return heads[bucket];
  }

  /** Returns the slot after this one in its bucket, or {@link #NONE}. */
  int next(int slot) {
    return next[slot];
  }

  void setRecordStamp(int slot, long newRank, long newHlc, int newOwner, int newNumber) {
    rank[slot] = newRank;
    hlc[slot] = newHlc;
    owner[slot] = (char) newOwner;
    number[slot] = newNumber;
  }

  /** @param code the ordinal of the status plus 1, 0 for none */
  void setOverride(int slot, long newHlc, int member, int code) {
    overrideHlc[slot] = newHlc;
    overrideMember[slot] = (char) member;
    overrideCode[slot] = (byte) code;
  }

  /** Sets the ordinals of two statuses, 0..15 each. */
  void setAcceptedStatuses(int slot, int status, int overriddenStatus) {
    acceptedStatuses[slot] = (byte) (status << 4 | overriddenStatus);
  }

  int acceptedStatus(int slot) {
    return acceptedStatuses[slot] >>> 4 & 0xf;
  }

  int acceptedOverriddenStatus(int slot) {
    return acceptedStatuses[slot] & 0xf;
  }

  void setLastRenewer(int slot, int member) {
    lastRenewer[slot] = (char) member;
  }

  long keyHash(int slot) {
    return keyHash[slot];
  }

  long rank(int slot) {
    return rank[slot];
  }

  long hlc(int slot) {
    return hlc[slot];
  }

  int owner(int slot) {
    return owner[slot];
  }

  int number(int slot) {
    return number[slot];
  }

  /** Returns the clock of the override's stamp; 0 if the lease never had one. */
  long overrideHlc(int slot) {
    return overrideHlc[slot];
  }

  int overrideMember(int slot) {
    return overrideMember[slot];
  }

  int overrideCode(int slot) {
    return overrideCode[slot];
  }

  /** Returns the member that accepted the last renewal; {@link OwnerTable#NONE} if unknown. */
  int lastRenewer(int slot) {
    return slot < lastRenewer.length ? lastRenewer[slot] : OwnerTable.NONE;
  }
}
