// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readcost;

import io.systole.protocol.http.BodyFraming;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;

/** A reusable buffer of a compressed body, which is inflated after the clock has been read. */
final class BodyBuffer implements BodyFraming.Sink {
  private static final int SEGMENT_BYTES = 1 << 16;

  private byte[] bytes = new byte[SEGMENT_BYTES];
  private int length;

  void clear() {
    length = 0;
  }

  @Override
  public void accept(byte[] from, int start, int size) {
    if (length + size > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(length + size, 2 * bytes.length));
    }
    System.arraycopy(from, start, bytes, length, size);
    length += size;
  }

  int length() {
    return length;
  }

  /**
   * Passes the inflated body to {@code search}.
   *
   * @throws IOException if the body is not complete, valid gzip
   */
  void inflateTo(ByteSearch search) throws IOException {
    byte[] segment = new byte[SEGMENT_BYTES];
    try (GZIPInputStream in =
        new GZIPInputStream(new ByteArrayInputStream(bytes, 0, length), SEGMENT_BYTES)) {
      for (int got = in.read(segment); got >= 0; got = in.read(segment)) {
        search.accept(segment, 0, got);
      }
    }
  }
}
