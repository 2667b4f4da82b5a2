// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import io.systole.loadtest.report.Report.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** A bounded list of samples in order. Not thread-safe. */
final class Timeline {
  /*
   * When the list is full, neighbours are joined in pairs, and from then on each new entry is
   * joined from as many samples as an old one. All entries cover the same time, and a run of any
   * length has between half the maximum and the maximum of them.
   */
  private final int samplesMax;
  /** Returns the samples with times relative to {@code zeroSecs}. */
  private final List<Sample> samples = new ArrayList<>();

  private int perSample = 1;
  private int gathered;

  /** @param samplesMax even, 2 or more */
  Timeline(int samplesMax) {
    this.samplesMax = samplesMax;
  }

  void add(Sample sample) {
    if (gathered > 0) {
      int last = samples.size() - 1;
      samples.set(last, join(samples.get(last), sample));
    } else {
      if (samples.size() == samplesMax) {
        joinNeighbours();
      }
      samples.add(sample);
    }
    gathered = (gathered + 1) % perSample;
  }

  /** Returns the samples with their times counted from another zero. */
  List<Sample> samples(double zeroSecs) {
    return samples.stream().map(sample -> from(zeroSecs, sample)).toList();
  }

  private static Sample from(double zeroSecs, Sample at) {
    return new Sample(
        at.atSecs() - zeroSecs,
        at.secs(),
        at.due(),
        at.answered(),
        at.not200(),
        at.failed(),
        at.registered(),
        at.waiting(),
        at.p50Ms(),
        at.p90Ms(),
        at.p99Ms(),
        at.p999Ms(),
        at.maxMs(),
        at.targetCores(),
        at.targetHeapBytes(),
        at.targetResidentBytes(),
        at.generatorCores(),
        at.generatorLagMs());
  }

  private void joinNeighbours() {
    for (int pair = 0; pair < samples.size() / 2; pair++) {
      samples.set(pair, join(samples.get(2 * pair), samples.get(2 * pair + 1)));
    }
    samples.subList(samples.size() / 2, samples.size()).clear();
    perSample *= 2;
  }

  /**
   * Returns two samples joined into one: counts are added, levels are the later ones, rates are
   * weighted by time, and the greater latency and lag are kept.
   */
  static Sample join(Sample first, Sample second) {
    double secs = first.secs() + second.secs();
    return new Sample(
        second.atSecs(),
        secs,
        first.due() + second.due(),
        first.answered() + second.answered(),
        first.not200() + second.not200(),
        first.failed() + second.failed(),
        first.registered() + second.registered(),
        second.waiting(),
        greater(first.p50Ms(), second.p50Ms()),
        greater(first.p90Ms(), second.p90Ms()),
        greater(first.p99Ms(), second.p99Ms()),
        greater(first.p999Ms(), second.p999Ms()),
        greater(first.maxMs(), second.maxMs()),
        first.targetCores() == null || second.targetCores() == null
            ? later(first.targetCores(), second.targetCores())
            : Double.valueOf(weighed(first, second, Sample::targetCores)),
        later(first.targetHeapBytes(), second.targetHeapBytes()),
        later(first.targetResidentBytes(), second.targetResidentBytes()),
        weighed(first, second, Sample::generatorCores),
        Math.max(first.generatorLagMs(), second.generatorLagMs()));
  }

  private static double weighed(Sample first, Sample second, ToDoubleFunction<Sample> rate) {
    double secs = first.secs() + second.secs();
    return secs == 0
        ? rate.applyAsDouble(second)
        : (rate.applyAsDouble(first) * first.secs() + rate.applyAsDouble(second) * second.secs())
            / secs;
  }

  private static @Nullable Double greater(@Nullable Double one, @Nullable Double other) {
    return one == null || other == null ? later(one, other) : Double.valueOf(Math.max(one, other));
  }

  private static <T> @Nullable T later(@Nullable T first, @Nullable T second) {
    return second == null ? first : second;
  }
}
