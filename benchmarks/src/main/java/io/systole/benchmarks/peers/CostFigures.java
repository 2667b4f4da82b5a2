// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.peers;

import io.systole.benchmarks.peers.PeersReport.CostSample;
import io.systole.benchmarks.servers.FigureRange;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The cost of replicated renewals, derived from all samples of a run.
 *
 * @param samples of all rounds
 */
record CostFigures(List<CostSample> samples) {
  private static final double US_PER_MS = 1e3;

  /** Separates the kinds of the servers in a label. */
  static final String ARROW = " → ";

  /** Kinds of servers, and a rate of heartbeats. */
  record Load(String label, int beatsPerSec) {}

  /** Returns the loads of the samples, in their order. */
  List<Load> loads() {
    return samples.stream()
        .map(sample -> new Load(sample.label(), sample.beatsPerSec()))
        .distinct()
        .toList();
  }

  /** Returns the CPU time of the loaded server per renewal, µs. */
  FigureRange senderUs(Load load) {
    return FigureRange.of(figures(load, CostFigures::senderUs));
  }

  private static double senderUs(CostSample sample) {
    return US_PER_MS * cpuMs(sample, CostSample.sender(sample.label())) / sample.renewals();
  }

  /**
   * Returns the CPU time of the loaded server per replicated renewal beyond that of a server of its
   * kind without peers, µs; null if nothing was replicated or there is no such server.
   */
  @Nullable
  FigureRange sendingUs(Load load) {
    List<Double> figures = new ArrayList<>();
    for (CostSample sample : of(load)) {
      String alone = load.label().split(ARROW, 2)[0];
      for (CostSample base : of(new Load(alone, load.beatsPerSec()))) {
        if (base.round() == sample.round() && sample.replicated() > 0) {
          double beyondUs = senderUs(sample) - senderUs(base);
          figures.add(beyondUs * sample.renewals() / sample.replicated());
        }
      }
    }
    return rangeOf(figures);
  }

  /** Returns the CPU time of the sender's thread for peers per replicated renewal, µs; or null. */
  @Nullable
  FigureRange peerThreadUs(Load load) {
    return perReplicated(
        load,
        sample -> sample.peerThreadMs() == 0 ? Double.NaN : US_PER_MS * sample.peerThreadMs());
  }

  /**
   * Returns the CPU time of the receiver per replicated renewal, less what it uses while other
   * servers are loaded, µs; null if nothing was replicated.
   */
  @Nullable
  FigureRange receivingUs(Load load) {
    String receiver = CostSample.receiver(load.label());
    double idleMsPerSec = idleMsPerSec(load.label(), receiver);
    return perReplicated(
        load, sample -> US_PER_MS * (cpuMs(sample, receiver) - idleMsPerSec * sample.secs()));
  }

  /** Returns the bytes of requests per replicated renewal; null if nothing was replicated. */
  @Nullable
  FigureRange sentBytes(Load load) {
    return perReplicated(load, CostSample::sentBytes);
  }

  /** Returns the bytes of responses per replicated renewal; null if nothing was replicated. */
  @Nullable
  FigureRange receivedBytes(Load load) {
    return perReplicated(load, CostSample::receivedBytes);
  }

  /** Returns the ratio of two loaded servers' CPU times per renewal, of the same rounds. */
  FigureRange ratio(Load load, Load base) {
    Map<Integer, Double> baseUs = new LinkedHashMap<>();
    of(base).forEach(sample -> baseUs.put(sample.round(), senderUs(sample)));
    List<Double> ratios = new ArrayList<>();
    for (CostSample sample : of(load)) {
      ratios.add(senderUs(sample) / baseUs.getOrDefault(sample.round(), Double.NaN));
    }
    return FigureRange.of(ratios);
  }

  /** Returns the median CPU time per second of a server whose label had no load, 0 if unknown. */
  private double idleMsPerSec(String label, String server) {
    List<Double> figures = samples.stream()
        .filter(sample -> !sample.label().equals(label) && sample.cpuMs().containsKey(server))
        .map(sample -> cpuMs(sample, server) / sample.secs())
        .toList();
    return figures.isEmpty() ? 0 : FigureRange.of(figures).median();
  }

  private @Nullable FigureRange perReplicated(Load load, ToDoubleFunction<CostSample> figure) {
    return rangeOf(figures(load, sample -> figure.applyAsDouble(sample) / sample.replicated()));
  }

  /** Returns the range of the finite figures, or null without any. */
  private static @Nullable FigureRange rangeOf(List<Double> figures) {
    List<Double> finite = figures.stream().filter(Double::isFinite).toList();
    return finite.isEmpty() ? null : FigureRange.of(finite);
  }

  private List<Double> figures(Load load, ToDoubleFunction<CostSample> figure) {
    return of(load).stream().mapToDouble(figure).boxed().toList();
  }

  private List<CostSample> of(Load load) {
    return samples.stream()
        .filter(sample ->
            sample.label().equals(load.label()) && sample.beatsPerSec() == load.beatsPerSec())
        .toList();
  }

  private static double cpuMs(CostSample sample, String server) {
    return sample.cpuMs().getOrDefault(server, 0.0);
  }
}
