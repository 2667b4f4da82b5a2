// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.zip.DataFormatException;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;

/** The text form of histograms, and their percentile curve. */
public final class Histograms {
  private static final double NS_PER_MS = 1e6;

  /** Points per halving of the distance to 100 %: 5 × 20 halvings at most. */
  private static final int POINTS_PER_HALVING = 5;

  private static final int POINTS_MAX = 120;

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
    } catch (DataFormatException e) {
      throw new IllegalArgumentException("not a histogram: " + e.getMessage(), e);
    }
  }

  /** Returns the sum of one or more histograms. */
  public static Histogram sum(List<String> texts) {
    Histogram sum = read(texts.get(0));
    sum.setAutoResize(true);
    texts.subList(1, texts.size()).forEach(text -> sum.add(read(text)));
    return sum;
  }

  /** Returns the percentile curve of latencies in nanoseconds, finer towards 100 %. */
  public static List<Report.Point> points(Histogram ns) {
    List<Report.Point> points = new ArrayList<>();
    for (HistogramIterationValue value : ns.percentiles(POINTS_PER_HALVING)) {
      if (points.size() < POINTS_MAX - 1) {
        points.add(new Report.Point(
            value.getPercentileLevelIteratedTo(), value.getValueIteratedTo() / NS_PER_MS));
      }
    }
    if (!points.isEmpty()) {
      points.add(new Report.Point(100, ns.getMaxValue() / NS_PER_MS));
    }
    return points;
  }
}
