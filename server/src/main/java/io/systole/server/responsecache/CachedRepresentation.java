// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * One answer, held packed: sent as one gzip member, or unpacked on the way. Any thread may call.
 */
public final class CachedRepresentation {
  /*
   * Immutable but for two places that are filled at most once each, under the monitor: the bytes of
   * a short answer, so that however many read it, it is strung together and unpacked once.
   */

  /** Up to this many bytes of text, an answer is kept ready as a whole for those who ask for it. */
  static final int READY_BYTES_MAX = 256 * 1024;

  private final long version;
  private final String tag;
  private final List<SegmentList> groups;
  private final long deflatedLength;
  private final long plainLength;
  private final int crc;
  private byte @Nullable [] plain;
  private byte @Nullable [] gzip;

  /**
   * @param version of the cut that is shown
   * @param tag names what is shown
   */
  CachedRepresentation(long version, String tag, List<SegmentList> groups) {
    this.version = version;
    this.tag = tag;
    this.groups = groups;
    long deflatedBytes = 0;
    long plainBytes = 0;
    int crcSoFar = 0;
    for (SegmentList group : groups) {
      deflatedBytes += group.deflatedLength();
      plainBytes += group.plainLength();
      crcSoFar = Crc32.times(group.factor(), crcSoFar) ^ group.crc();
    }
    deflatedLength = deflatedBytes;
    plainLength = plainBytes;
    crc = crcSoFar;
  }

  /** The newest change when it was put together; what it shows may be older. */
  public long version() {
    return version;
  }

  /**
   * Opaque; equal for answers of one kind that show the same, and for no others, also across
   * restarts. Letters, digits and hyphens.
   */
  public String tag() {
    return tag;
  }

  /** Bytes of the answer as it is. */
  public long plainLength() {
    return plainLength;
  }

  /** Bytes of the answer as a gzip member. */
  public long gzipLength() {
    return GzipSource.HEAD.length + deflatedLength + GzipSource.TAIL_LENGTH;
  }

  /** Bytes that this answer keeps alive at most; most of its parts are shared with others. */
  long heldBytesMax() {
    return deflatedLength + (isShort() ? plainLength + gzipLength() : 0);
  }

  /** The whole answer as it is, if it is short; not to be changed. Null when it must be read. */
  public byte @Nullable [] plainAtHand() {
    return isShort() ? plain() : null;
  }

  /** The same as one gzip member. */
  public byte @Nullable [] gzipAtHand() {
    return isShort() ? gzip() : null;
  }

  /** Reads the answer as it is. */
  public RepresentationSource openPlain() {
    return isShort() ? new ByteArraySource(plain()) : new InflatingSource(segments());
  }

  /** Reads the answer as one gzip member. */
  public RepresentationSource openGzip() {
    return isShort() ? new ByteArraySource(gzip()) : gzipPass();
  }

  private boolean isShort() {
    return plainLength <= READY_BYTES_MAX;
  }

  private GzipSource gzipPass() {
    return new GzipSource(segments(), crc, plainLength);
  }

  private synchronized byte[] plain() {
    byte[] made = plain;
    if (made == null) {
      made = readAll(new InflatingSource(segments()), plainLength);
      plain = made;
    }
    return made;
  }

  private synchronized byte[] gzip() {
    byte[] made = gzip;
    if (made == null) {
      made = readAll(gzipPass(), gzipLength());
      gzip = made;
    }
    return made;
  }

  private static byte[] readAll(RepresentationSource pass, long length) {
    byte[] bytes = new byte[Math.toIntExact(length)];
    try (pass) {
      int at = 0;
      while (at < bytes.length) {
        int count = pass.read(bytes, at, bytes.length - at);
        if (count < 0) {
          throw new IllegalStateException("answer of " + length + " bytes ends after " + at);
        }
        at += count;
      }
    }
    return bytes;
  }

  private Iterator<DeflateSegment> segments() {
    return new Iterator<>() {
      private int group;
      private int part;

      @Override
      public boolean hasNext() {
        while (group < groups.size() && part == groups.get(group).count()) {
          group++;
          part = 0;
        }
        return group < groups.size();
      }

      @Override
      public DeflateSegment next() {
        if (!hasNext()) {
          throw new NoSuchElementException("all parts were read");
        }
        return groups.get(group).part(part++);
      }
    };
  }
}
