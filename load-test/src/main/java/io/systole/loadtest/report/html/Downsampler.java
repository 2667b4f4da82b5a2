// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report.html;

import io.systole.loadtest.report.Report.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Makes few samples of many, never flattering: counts are added up, CPU is the mean over their
 * time, and of everything else the worst stands for all.
 */
final class Downsampler {
  private Downsampler() {}

  static List<Sample> of(List<Sample> timeline, int perPoint) {
    if (perPoint == 1) {
      return timeline;
    }
    List<Sample> thinned = new ArrayList<>();
    for (int from = 0; from < timeline.size(); from += perPoint) {
      thinned.add(merged(timeline.subList(from, Math.min(from + perPoint, timeline.size()))));
    }
    return thinned;
  }

  private static Sample merged(List<Sample> some) {
    double secs = some.stream().mapToDouble(Sample::secs).sum();
    return new Sample(
        some.get(some.size() - 1).atSecs(),
        secs,
        sum(some, Sample::due),
        sum(some, Sample::answered),
        sum(some, Sample::not200),
        sum(some, Sample::failed),
        sum(some, Sample::registered),
        some.stream().mapToLong(Sample::waiting).max().orElse(0),
        worst(some, Sample::p50Ms),
        worst(some, Sample::p90Ms),
        worst(some, Sample::p99Ms),
        worst(some, Sample::p999Ms),
        worst(some, Sample::maxMs),
        mean(some, Sample::targetCores),
        worst(some, Sample::targetHeapBytes),
        worst(some, Sample::targetResidentBytes),
        Objects.requireNonNullElse(mean(some, Sample::generatorCores), 0.0),
        some.stream().mapToDouble(Sample::generatorLagMs).max().orElse(0));
  }

  private static long sum(List<Sample> some, ToLongFunction<Sample> count) {
    return some.stream().mapToLong(count).sum();
  }

  private static <T extends Comparable<T>> @Nullable T worst(
      List<Sample> some, Function<Sample, @Nullable T> of) {
    return some.stream().map(of).filter(Objects::nonNull).max(T::compareTo).orElse(null);
  }

  private static @Nullable Double mean(List<Sample> some, Function<Sample, @Nullable Double> of) {
    double secs = 0;
    double weighed = 0;
    for (Sample sample : some) {
      Double value = of.apply(sample);
      if (value != null) {
        secs += sample.secs();
        weighed += value * sample.secs();
      }
    }
    return secs > 0 ? weighed / secs : null;
  }
}
