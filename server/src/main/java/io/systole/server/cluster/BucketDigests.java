// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.server.cluster.message.KeyHash;

/**
 * The digests of the live leases by bucket of key hashes, kept up to date by each change: the
 * count, the exclusive or of the entry hashes, and the stamp of the youngest change, removals
 * included. Guarded by the registry's monitor.
 */
final class BucketDigests {
  private final int[] counts = new int[KeyHash.BUCKETS];
  private final long[] hashes = new long[KeyHash.BUCKETS];
  private final long[] youngest = new long[KeyHash.BUCKETS];

  void add(int bucket, long entryHash, long stamp) {
    counts[bucket]++;
    change(bucket, entryHash, stamp);
  }

  void remove(int bucket, long entryHash, long stamp) {
    counts[bucket]--;
    change(bucket, entryHash, stamp);
  }

  private void change(int bucket, long entryHash, long stamp) {
    hashes[bucket] ^= entryHash;
    youngest[bucket] = Math.max(youngest[bucket], stamp);
  }

  int count(int bucket) {
    return counts[bucket];
  }

  long hash(int bucket) {
    return hashes[bucket];
  }

  long youngest(int bucket) {
    return youngest[bucket];
  }
}
