// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import io.systole.server.route.BodySource;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * A compressed document, which can be sent as one gzip member or inflated while it is read.
 * Thread-safe.
 */
public final class CachedRepresentation {
  /*
   * Immutable except for two fields, each set at most once, guarded by the monitor: the bytes of a
   * short document, which are assembled and inflated once for all readers.
   */

  /** Size up to which the bytes of a document are kept after the first use. */
  static final int SHORT_BYTES_MAX = 256 * 1024;

  private final long version;
  private final String tag;
  private final List<SegmentList> groups;
  private final long deflatedLength;
  private final long plainLength;
  private final int crc;
  private byte @Nullable [] plain;
  private byte @Nullable [] gzip;

  /**
   * Creates a representation.
   *
   * @param version of the last change in the model
   * @param tag entity tag, without quotes
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

  /**
   * Returns the registry version at which it was encoded; the last change of its instances may be
   * older.
   */
  public long version() {
    return version;
  }

  /**
   * Returns the opaque entity tag: equal for representations of the same key and state, and unique
   * otherwise, even across restarts. Consists of letters, digits and hyphens.
   */
  public String tag() {
    return tag;
  }

  /** Returns the size of the document, bytes. */
  public long plainLength() {
    return plainLength;
  }

  /** Returns the size of the gzip member, bytes. */
  public long gzipLength() {
    return GzipSource.HEAD.length + deflatedLength + GzipSource.TAIL_LENGTH;
  }

  /**
   * Returns an upper bound of the bytes that it keeps reachable; most segments are shared with
   * others.
   */
  long retainedBytesMax() {
    return deflatedLength + (isShort() ? plainLength + gzipLength() : 0);
  }

  /** Returns the document if it is short, not to be modified; null if it must be read. */
  public byte @Nullable [] plainIfShort() {
    return isShort() ? plain() : null;
  }

  /**
   * Returns the gzip member if the document is short, not to be modified; null if it must be read.
   */
  public byte @Nullable [] gzipIfShort() {
    return isShort() ? gzip() : null;
  }

  /**
   * Opens a source of the document, whose reads return as many bytes as requested until the end.
   */
  public BodySource openPlain() {
    return isShort() ? new ByteArraySource(plain()) : new InflatingSource(segments());
  }

  /** Opens a source of the gzip member, as {@link #openPlain}. */
  public BodySource openGzip() {
    return isShort() ? new ByteArraySource(gzip()) : gzipSource();
  }

  private boolean isShort() {
    return plainLength <= SHORT_BYTES_MAX;
  }

  private GzipSource gzipSource() {
    return new GzipSource(segments(), crc, plainLength);
  }

  private synchronized byte[] plain() {
    byte[] bytes = plain;
    if (bytes == null) {
      bytes = readAll(new InflatingSource(segments()), plainLength);
      plain = bytes;
    }
    return bytes;
  }

  private synchronized byte[] gzip() {
    byte[] bytes = gzip;
    if (bytes == null) {
      bytes = readAll(gzipSource(), gzipLength());
      gzip = bytes;
    }
    return bytes;
  }

  private static byte[] readAll(BodySource source, long length) {
    byte[] bytes = new byte[Math.toIntExact(length)];
    try (source) {
      int at = 0;
      while (at < bytes.length) {
        int count = source.read(bytes, at, bytes.length - at);
        if (count < 0) {
          throw new IllegalStateException("source of " + length + " bytes ended after " + at);
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
          throw new NoSuchElementException("no more segments");
        }
        return groups.get(group).part(part++);
      }
    };
  }

  /** A source of bytes in an array. */
  private static final class ByteArraySource implements BodySource {
    private final byte[] bytes;
    private int at;

    ByteArraySource(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public int read(byte[] into, int from, int length) {
      int left = bytes.length - at;
      if (left == 0) {
        return END;
      }
      int count = Math.min(left, length);
      System.arraycopy(bytes, at, into, from, count);
      at += count;
      return count;
    }

    @Override
    public void close() {
      // Nothing to release.
    }
  }

  /** A source that inflates segments while they are read. Holds native memory until closed. */
  private static final class InflatingSource implements BodySource {
    private final Iterator<DeflateSegment> segments;
    private final Inflater inflater = new Inflater(true);

    InflatingSource(Iterator<DeflateSegment> segments) {
      this.segments = segments;
    }

    @Override
    public int read(byte[] into, int from, int length) {
      try {
        int filled = 0;
        while (filled < length) {
          int count = inflater.inflate(into, from + filled, length - filled);
          // inflate() returns 0 only if the input is used up.
          if (count == 0 && !segments.hasNext()) {
            break;
          } else if (count == 0) {
            inflater.setInput(segments.next().deflated());
          }
          filled += count;
        }
        return filled == 0 ? END : filled;
      } catch (DataFormatException broken) {
        throw new IllegalStateException("segment can't be inflated", broken);
      }
    }

    @Override
    public void close() {
      inflater.end();
    }
  }
}
