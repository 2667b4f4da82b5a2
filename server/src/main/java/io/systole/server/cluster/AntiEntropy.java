// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.server.cluster.group.MemberId;
import io.systole.server.cluster.message.KeyHash;
import io.systole.server.cluster.message.Message.Digest;
import io.systole.server.cluster.message.Message.Pull;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Anti-entropy: this member's leases are compared with those of each other member by digests, and
 * buckets that differ are requested. Guarded by the registry's monitor.
 */
final class AntiEntropy {
  /** The age up to which a change may still be in flight, so that a difference is no loss. */
  static final long IN_FLIGHT_MS = 2_000;

  private final ReplicaState state;
  private final PullRequests requests;

  /** The latest digest of each other member. */
  private final Map<MemberId, Digest> latest = new HashMap<>();

  /** Members of a merged view, whose next digest is compared with recent changes included. */
  private final Set<MemberId> merged = new HashSet<>();

  /**
   * The buckets that differed from the last digest of a member by changes under way. They are
   * requested if they differ from the next one too: a bucket may change all the time, and the clock
   * of changes stands still while it is ahead of all wall clocks.
   */
  private final Map<MemberId, BitSet> deferred = new HashMap<>();

  AntiEntropy(ReplicaState state, PullRequests requests) {
    this.state = state;
    this.requests = requests;
  }

  /** Returns the digest of this member. */
  Digest digest() {
    BucketDigests digests = state.leases.digests;
    int[] counts = new int[KeyHash.BUCKETS];
    long[] hashes = new long[KeyHash.BUCKETS];
    long[] youngest = new long[KeyHash.BUCKETS];
    for (int bucket = 0; bucket < KeyHash.BUCKETS; bucket++) {
      counts[bucket] = digests.count(bucket);
      hashes[bucket] = digests.hash(bucket);
      youngest[bucket] = digests.youngest(bucket);
    }
    return new Digest(counts, hashes, youngest);
  }

  /** Removes the state of members that are not in the new view. */
  void replaceView(Set<MemberId> members, boolean isMerge) {
    latest.keySet().retainAll(members);
    deferred.keySet().retainAll(members);
    merged.retainAll(members);
    if (isMerge) {
      merged.addAll(members);
    }
  }

  /** Queues requests for the buckets in which the digest of another member differs. */
  void compare(MemberId member, Digest digest) {
    boolean includesRecent = merged.remove(member);
    BitSet before = deferred.getOrDefault(member, new BitSet());
    BitSet inFlight = new BitSet(KeyHash.BUCKETS);
    latest.put(member, digest);
    for (int bucket = 0; bucket < KeyHash.BUCKETS; bucket++) {
      if (differs(bucket, digest)) {
        state.counters.bucketsDiffering.increment();
        if (includesRecent || before.get(bucket) || !isInFlight(bucket, digest)) {
          requests.add(new PullRequests.Source(member, bucket));
        } else {
          inFlight.set(bucket);
        }
      }
    }
    deferred.put(member, inFlight);
  }

  private boolean differs(int bucket, Digest digest) {
    BucketDigests own = state.leases.digests;
    return own.count(bucket) != digest.count(bucket) || own.hash(bucket) != digest.hash(bucket);
  }

  private boolean isInFlight(int bucket, Digest digest) {
    long youngest = Math.max(state.leases.digests.youngest(bucket), digest.youngestHlc(bucket));
    return state.hybridClock.isYounger(youngest, IN_FLIGHT_MS);
  }

  /** Returns whether a queued bucket has become equal to the latest digest since. */
  boolean isConverged(PullRequests.Source source) {
    Digest digest = latest.get(source.member());
    return digest != null && !differs(source.bucket(), digest);
  }

  /** Returns a request for the records that this member lacks in a bucket. */
  Pull pull(long id, int bucket) {
    Entries entries = new Entries();
    LeaseStamps stamps = state.leases.stamps;
    for (int slot = stamps.first(bucket); slot != LeaseStamps.NONE; slot = stamps.next(slot)) {
      entries.add(stamps.keyHash(slot), state.leases.entryHash(slot));
    }
    state.tombstones.forEach(bucket, each -> entries.add(each.keyHash, each.entryHash()));
    return entries.toPull(id, bucket);
  }

  /** The entries of a request; those beyond the maximum are dropped. */
  private static final class Entries {
    private long[] keyHashes = new long[64];
    private long[] entryHashes = new long[64];
    private int count;

    private void add(long keyHash, long entryHash) {
      if (count == Pull.ENTRIES_MAX) {
        return;
      }
      if (count == keyHashes.length) {
        int longer = Math.min(2 * count, Pull.ENTRIES_MAX);
        keyHashes = Arrays.copyOf(keyHashes, longer);
        entryHashes = Arrays.copyOf(entryHashes, longer);
      }
      keyHashes[count] = keyHash;
      entryHashes[count++] = entryHash;
    }

    private Pull toPull(long id, int bucket) {
      return new Pull(
          id, bucket, Arrays.copyOf(keyHashes, count), Arrays.copyOf(entryHashes, count));
    }
  }
}
