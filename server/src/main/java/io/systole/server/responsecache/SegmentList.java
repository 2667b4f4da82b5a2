// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import java.util.List;

/** An immutable sequence of segments with the length and CRC of their concatenation. */
final class SegmentList {
  private final DeflateSegment[] parts;
  private final long deflatedLength;
  private final long plainLength;
  private final int crc;
  private final int factor;

  private SegmentList(DeflateSegment[] parts) {
    this.parts = parts;
    long deflatedBytes = 0;
    long plainBytes = 0;
    int crcSoFar = 0;
    int factorSoFar = Crc32.ONE;
    for (DeflateSegment part : parts) {
      deflatedBytes += part.deflated().length;
      plainBytes += part.plainLength();
      crcSoFar = Crc32.times(part.factor(), crcSoFar) ^ part.crc();
      factorSoFar = Crc32.times(part.factor(), factorSoFar);
    }
    deflatedLength = deflatedBytes;
    plainLength = plainBytes;
    crc = crcSoFar;
    factor = factorSoFar;
  }

  static SegmentList of(DeflateSegment... parts) {
    return new SegmentList(parts.clone());
  }

  static SegmentList of(List<DeflateSegment> parts) {
    return new SegmentList(parts.toArray(DeflateSegment[]::new));
  }

  /** Returns the list without its first segment. */
  SegmentList withoutFirst() {
    DeflateSegment[] rest = new DeflateSegment[parts.length - 1];
    System.arraycopy(parts, 1, rest, 0, rest.length);
    return new SegmentList(rest);
  }

  int count() {
    return parts.length;
  }

  DeflateSegment part(int index) {
    return parts[index];
  }

  /** Returns the size of all blocks, bytes. */
  long deflatedLength() {
    return deflatedLength;
  }

  /** Returns the size of the text, bytes. */
  long plainLength() {
    return plainLength;
  }

  /** Returns the CRC-32 of the text. */
  int crc() {
    return crc;
  }

  /** Returns {@link Crc32#factor} of the text's length. */
  int factor() {
    return factor;
  }
}
