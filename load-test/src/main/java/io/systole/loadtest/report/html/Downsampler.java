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
 * Reduces a timeline for plots: counts are added, CPU is averaged over time, and of all other
 * figures the worst value is kept.
 */
final class Downsampler {
  private Downsampler() {}

  static List<Sample> of(List<Sample> timeline, int perPoint) {
    if (perPoint == 1) {
      return timeline;
    }
    List<Sample> reduced = new ArrayList<>();
    for (int from = 0; from < timeline.size(); from += perPoint) {
      reduced.add(merged(timeline.subList(from, Math.min(from + perPoint, timeline.size()))));
    }
    return reduced;
  }

  private static Sample merged(List<Sample> samples) {
    double secs = samples.stream().mapToDouble(Sample::secs).sum();
    return new Sample(
        samples.get(samples.size() - 1).atSecs(),
        secs,
        sum(samples, Sample::due),
        sum(samples, Sample::answered),
        sum(samples, Sample::not200),
        sum(samples, Sample::failed),
        sum(samples, Sample::registered),
        samples.stream().mapToLong(Sample::waiting).max().orElse(0),
        worst(samples, Sample::p50Ms),
        worst(samples, Sample::p90Ms),
        worst(samples, Sample::p99Ms),
        worst(samples, Sample::p999Ms),
        worst(samples, Sample::maxMs),
        mean(samples, Sample::targetCores),
        worst(samples, Sample::targetHeapBytes),
        worst(samples, Sample::targetResidentBytes),
        Objects.requireNonNullElse(mean(samples, Sample::generatorCores), 0.0),
        samples.stream().mapToDouble(Sample::generatorLagMs).max().orElse(0));
  }

  private static long sum(List<Sample> samples, ToLongFunction<Sample> count) {
    return samples.stream().mapToLong(count).sum();
  }

  private static <T extends Comparable<T>> @Nullable T worst(
      List<Sample> samples, Function<Sample, @Nullable T> of) {
    return samples.stream().map(of).filter(Objects::nonNull).max(T::compareTo).orElse(null);
  }

  private static @Nullable Double mean(
      List<Sample> samples, Function<Sample, @Nullable Double> of) {
    double secs = 0;
    double weighed = 0;
    for (Sample sample : samples) {
      Double value = of.apply(sample);
      if (value != null) {
        secs += sample.secs();
        weighed += value * sample.secs();
      }
    }
    return secs > 0 ? weighed / secs : null;
  }
}
