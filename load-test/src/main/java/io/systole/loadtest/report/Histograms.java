// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.zip.DataFormatException;
import org.HdrHistogram.Histogram;

/** The text form of histograms. */
public final class Histograms {
  private Histograms() {}

  /** Returns a histogram in HdrHistogram's compressed V2 encoding, in Base64. */
  public static String text(Histogram histogram) {
    ByteBuffer bytes = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
    int length = histogram.encodeIntoCompressedByteBuffer(bytes);
    return Base64.getEncoder().encodeToString(Arrays.copyOf(bytes.array(), length));
  }

  /**
   * Reads the result of {@link #text}.
   *
   * @throws IllegalArgumentException if {@code text} is not such a histogram
   */
  public static Histogram read(String text) {
    try {
      return Histogram.decodeFromCompressedByteBuffer(
          ByteBuffer.wrap(Base64.getDecoder().decode(text)), 0);
    } catch (DataFormatException | RuntimeException e) {
      // A damaged text fails wherever the decoder uses it: at its ends, as a size or as an index.
      throw new IllegalArgumentException("not a histogram: " + e, e);
    }
  }

  /** Returns the sum of one or more histograms. */
  public static Histogram sum(List<String> texts) {
    Histogram sum = read(texts.get(0));
    sum.setAutoResize(true);
    texts.subList(1, texts.size()).forEach(text -> sum.add(read(text)));
    return sum;
  }
}
