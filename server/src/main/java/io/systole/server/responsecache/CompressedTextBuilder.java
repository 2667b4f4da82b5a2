// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import io.systole.server.responsecache.DeflateSegment.SegmentCompressor;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/** A text that is compressed in parts while it is appended to. Not thread-safe. */
final class CompressedTextBuilder {
  private final SegmentCompressor compressor;
  private final int partBytesMax;
  private final ByteArrayOutputStream part = new ByteArrayOutputStream();
  private final List<DeflateSegment> parts = new ArrayList<>(2);

  /** @param partBytesMax limit on the size of a part, unless a single append is larger */
  CompressedTextBuilder(SegmentCompressor compressor, int partBytesMax) {
    this.compressor = compressor;
    this.partBytesMax = partBytesMax;
  }

  void append(byte[] text) {
    if (part.size() > 0 && part.size() + text.length > partBytesMax) {
      endPart();
    }
    part.writeBytes(text);
  }

  private void endPart() {
    parts.add(compressor.compress(part.toByteArray()));
    part.reset();
  }

  /** Returns the segments of the text, after another. */
  SegmentList endAfter(DeflateSegment first) {
    endPart();
    parts.add(0, first);
    return SegmentList.of(parts);
  }
}
