// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.message;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** A message between members. Immutable; arrays are neither copied nor changed afterwards. */
public sealed interface Message {
  /**
   * A member and its versions, sent in each view and after each change of the flags.
   *
   * @param protocolMin the oldest version that it reads, 1..255
   * @param protocolMax the newest version that it reads, at least {@code protocolMin}, up to 255
   * @param isComplete whether it has all leases of the cluster
   * @param isDraining whether it will leave
   * @param name for logs and diagnostics
   * @param url the service URL for clients; empty for none
   * @param build the version of its software
   */
  record Hello(
      int protocolMin,
      int protocolMax,
      boolean isComplete,
      boolean isDraining,
      String name,
      String url,
      String build)
      implements Message {
    /** The maximum size of each text in UTF-8. */
    public static final int TEXT_BYTES_MAX = 4_096;

    /** Creates a message. */
    public Hello {
      if (protocolMin < 1 || protocolMax < protocolMin || protocolMax > 0xff) {
        throw new IllegalArgumentException(
            "versions " + protocolMin + ".." + protocolMax + " are not within 1..255");
      }
      for (String text : List.of(name, url, build)) {
        int length = bytes(text);
        if (length > TEXT_BYTES_MAX) {
          throw new IllegalArgumentException(
              "text of " + length + " bytes exceeds " + TEXT_BYTES_MAX);
        }
      }
    }

    static int bytes(String text) {
      return text.getBytes(StandardCharsets.UTF_8).length;
    }
  }

  /** Changes made at the sender. Encoded by {@link RecordsBuilder}. */
  record Records(List<ClusterRecord> records) implements Message {
    /** Creates a message with a copy of the list. */
    public Records {
      records = List.copyOf(records);
    }
  }

  /**
   * The renewals that the sender accepted in a window, the interval at which it sends them. Encoded
   * by {@link BeatEncoder}.
   *
   * @param window the number of the window, not negative
   */
  record Beat(long window, BeatNumbers numbers) implements Message {}

  /** The counts and hashes of the sender's leases by {@link KeyHash#bucket}. Without tombstones. */
  final class Digest implements Message {
    private final int[] counts;
    private final long[] hashes;
    private final long[] youngestHlcs;

    /**
     * Creates a message. All arrays have {@link KeyHash#BUCKETS} elements.
     *
     * @param counts leases, not negative
     * @param hashes the entry hashes of these leases, combined by exclusive or; 0 without leases
     * @param youngestHlcs the greatest clock of a stamp in the bucket; may be that of a removal
     */
    public Digest(int[] counts, long[] hashes, long[] youngestHlcs) {
      if (counts.length != KeyHash.BUCKETS
          || hashes.length != KeyHash.BUCKETS
          || youngestHlcs.length != KeyHash.BUCKETS) {
        throw new IllegalArgumentException("not " + KeyHash.BUCKETS + " buckets");
      }
      this.counts = counts;
      this.hashes = hashes;
      this.youngestHlcs = youngestHlcs;
    }

    public int count(int bucket) {
      return counts[bucket];
    }

    public long hash(int bucket) {
      return hashes[bucket];
    }

    public long youngestHlc(int bucket) {
      return youngestHlcs[bucket];
    }
  }

  /** A request for the records of a bucket that the sender lacks, or has in another state. */
  final class Pull implements Message {
    /**
     * The maximum number of entries, which keeps the message below 1 MiB. Further entries are
     * omitted, and the receiver pushes their records although the sender has them.
     */
    public static final int ENTRIES_MAX = 65_000;

    private final long requestId;
    private final int bucket;
    private final long[] keyHashes;
    private final long[] entryHashes;

    /**
     * Creates a message.
     *
     * @param bucket 0..1023
     * @param keyHashes of the sender's leases and tombstones in the bucket, in any order
     * @param entryHashes those of the same leases and tombstones
     */
    public Pull(long requestId, int bucket, long[] keyHashes, long[] entryHashes) {
      checkBucket(bucket);
      if (keyHashes.length != entryHashes.length || keyHashes.length > ENTRIES_MAX) {
        throw new IllegalArgumentException(keyHashes.length + " key hashes and "
            + entryHashes.length + " entry hashes, limit " + ENTRIES_MAX);
      }
      this.requestId = requestId;
      this.bucket = bucket;
      this.keyHashes = keyHashes;
      this.entryHashes = entryHashes;
    }

    public long requestId() {
      return requestId;
    }

    public int bucket() {
      return bucket;
    }

    public int size() {
      return keyHashes.length;
    }

    public long keyHash(int index) {
      return keyHashes[index];
    }

    public long entryHash(int index) {
      return entryHashes[index];
    }
  }

  /**
   * A part of the response to a {@link Pull}. Encoded by {@link RecordsBuilder}.
   *
   * @param requestId that of the request
   * @param bucket that of the request, 0..1023
   * @param isLast whether no other part follows
   */
  record Push(long requestId, int bucket, boolean isLast, List<ClusterRecord> records)
      implements Message {
    /** Creates a message with a copy of the list. */
    public Push {
      checkBucket(bucket);
      records = List.copyOf(records);
    }
  }

  /** The sender leaves gracefully. Its last renewals and changes precede. */
  record Drain() implements Message {}

  /**
   * A message of a kind that this version does not know, to be skipped.
   *
   * @param code its first byte, 0..255
   */
  record UnknownKind(int code) implements Message {}

  private static void checkBucket(int bucket) {
    if (bucket < 0 || bucket >= KeyHash.BUCKETS) {
      throw new IllegalArgumentException(
          "bucket=" + bucket + " is not within 0.." + (KeyHash.BUCKETS - 1));
    }
  }
}
