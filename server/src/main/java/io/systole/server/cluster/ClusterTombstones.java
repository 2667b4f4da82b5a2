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
 * The removals that reject older records of their instances, and those of them that the other
 * members have not received. Guarded by the registry's monitor.
 */
final class ClusterTombstones {
  /** A removed instance, linked to those of the same bucket. */
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

  /** Characters of apps and ids for each of the maximum number, on average. */
  static final int KEY_CHARS = 128;

  /** Removals dropped in one call, which holds the monitor. */
  private static final int DROPPED_MAX = 1_000;

  private final long retentionNs;
  private final int tombstonesMax;
  private long keyChars;
  private final @Nullable Tombstone[] heads = new @Nullable Tombstone[KeyHash.BUCKETS];

  /** Oldest first. */
  private final Map<InstanceKey, Tombstone> byKey = new LinkedHashMap<>();

  /** Removals to be sent, a subset of those above. */
  private final Set<InstanceKey> due = new LinkedHashSet<>();

  /**
   * @param retentionNs how long a removal is remembered
   * @param tombstonesMax the maximum number, fewer if keys are long; the oldest is dropped first
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

  /** Drops removals that have been remembered long enough, at most some of them. */
  void expire(long nowNs) {
    for (int i = 0; i < DROPPED_MAX && !byKey.isEmpty(); i++) {
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

  /** Marks the removal of an instance as one to be sent. */
  void markDue(InstanceKey key) {
    due.add(key);
  }

  boolean hasDue() {
    return !due.isEmpty();
  }

  /** Returns the next removal to be sent, which is not due any more, or null. */
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
