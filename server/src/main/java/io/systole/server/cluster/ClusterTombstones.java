// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.protocol.model.InstanceKey;
import io.systole.server.cluster.message.EntryHash;
import io.systole.server.cluster.message.KeyHash;
import io.systole.server.cluster.message.RecordStamp;
import io.systole.server.cluster.message.RemovalCause;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The tombstones of removed instances, which reject older records of them, and the subset that is
 * due to be sent. Guarded by the registry's monitor.
 */
final class ClusterTombstones {
  /** The stamp of a removal, linked to those of the same bucket. */
  static final class Tombstone {
    final InstanceKey key;
    final long keyHash;
    final RecordStamp stamp;
    final RemovalCause cause;
    final boolean isByPeer;
    private final long atNs;
    private @Nullable Tombstone next;
    private @Nullable Tombstone previous;

    private Tombstone(
        InstanceKey key, RecordStamp stamp, RemovalCause cause, boolean isByPeer, long atNs) {
      this.key = key;
      this.keyHash = KeyHash.of(key);
      this.stamp = stamp;
      this.cause = cause;
      this.isByPeer = isByPeer;
      this.atNs = atNs;
    }

    long entryHash() {
      return EntryHash.of(keyHash, stamp, null);
    }
  }

  /** The average number of characters in an app and id, for the maximum of all tombstones. */
  static final int KEY_CHARS = 128;

  /** The maximum number of tombstones removed while the monitor is held once. */
  private static final int EXPIRED_BATCH_MAX = 1_000;

  private final long retentionNs;
  private final int tombstonesMax;
  private long keyChars;
  private final @Nullable Tombstone[] heads = new @Nullable Tombstone[KeyHash.BUCKETS];

  /** Oldest first, by the time of addition. */
  private final Map<InstanceKey, Tombstone> byKey = new LinkedHashMap<>();

  /** Tombstones to be sent, a subset of those above. */
  private final Set<InstanceKey> due = new LinkedHashSet<>();

  /**
   * @param retentionNs how long a tombstone is retained
   * @param tombstonesMax the maximum number, less if keys are long; the oldest is removed first
   */
  ClusterTombstones(long retentionNs, int tombstonesMax) {
    this.retentionNs = retentionNs;
    this.tombstonesMax = tombstonesMax;
  }

  /** Returns the tombstone of an instance, or null. */
  @Nullable
  Tombstone find(InstanceKey key) {
    return byKey.get(key);
  }

  /** Adds a tombstone, which replaces that of the same instance. */
  void add(InstanceKey key, RecordStamp stamp, RemovalCause cause, boolean isByPeer, long nowNs) {
    remove(key);
    Tombstone added = new Tombstone(key, stamp, cause, isByPeer, nowNs);
    byKey.put(key, added);
    keyChars += charsOf(key);
    int bucket = KeyHash.bucket(added.keyHash);
    Tombstone following = heads[bucket];
    added.next = following;
    if (following != null) {
      following.previous = added;
    }
    heads[bucket] = added;
    while (byKey.size() > tombstonesMax || keyChars > (long) KEY_CHARS * tombstonesMax) {
      remove(oldest().key);
    }
  }

  private static int charsOf(InstanceKey key) {
    return key.app().length() + key.id().length();
  }

  /** Removes expired tombstones, a bounded number in each call. */
  void expire(long nowNs) {
    for (int i = 0; i < EXPIRED_BATCH_MAX && !byKey.isEmpty(); i++) {
      Tombstone oldest = oldest();
      if (nowNs - oldest.atNs <= retentionNs) {
        return;
      }
      remove(oldest.key);
    }
  }

  private Tombstone oldest() {
    return byKey.values().iterator().next();
  }

  /** Removes the tombstone of an instance, if there is one. */
  void remove(InstanceKey key) {
    Tombstone removed = byKey.remove(key);
    if (removed == null) {
      return;
    }
    keyChars -= charsOf(key);
    due.remove(key);
    Tombstone following = removed.next;
    Tombstone preceding = removed.previous;
    if (following != null) {
      following.previous = preceding;
    }
    if (preceding != null) {
      preceding.next = following;
    } else {
      heads[KeyHash.bucket(removed.keyHash)] = following;
    }
  }

  /** Marks the tombstone of an instance as due to be sent. */
  void markDue(InstanceKey key) {
    due.add(key);
  }

  boolean hasDue() {
    return !due.isEmpty();
  }

  /** Returns the next tombstone to send, which is not due any more; null if there is none. */
  @Nullable
  Tombstone takeDue() {
    Iterator<InstanceKey> keys = due.iterator();
    if (!keys.hasNext()) {
      return null;
    }
    InstanceKey key = keys.next();
    keys.remove();
    return byKey.get(key);
  }

  /** Visits the tombstones of a bucket. */
  void forEach(int bucket, Consumer<Tombstone> action) {
    for (Tombstone each = heads[bucket]; each != null; each = each.next) {
      action.accept(each);
    }
  }

  int size() {
    return byKey.size();
  }
}
