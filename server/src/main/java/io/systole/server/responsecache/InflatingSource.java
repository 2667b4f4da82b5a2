// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import io.systole.server.route.BodySource;
import java.util.Iterator;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** A source that inflates segments while they are read. Holds native memory until closed. */
final class InflatingSource implements BodySource {
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
