// SPDX-License-Identifier: Apache-2.0
package io.systole.server.monitoring;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.systole.protocol.model.ReplicationItem.Action;
import io.systole.server.peer.PeerCounters;
import io.systole.server.peer.PeerStatus;
import io.systole.server.peer.PeerStatus.LinkState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** Publishes the replication to each peer as long as there is a link to it. */
public final class PeerMetrics {
  private final MeterRegistry meters;

  /** The meters of each link, by its counters: a link may replace another to the same address. */
  private final Map<PeerCounters, List<Meter>> ofLinks = new HashMap<>();

  public PeerMetrics(MeterRegistry meters) {
    this.meters = meters;
  }

  /** Replaces the published links with these. */
  public synchronized void update(List<Supplier<PeerStatus>> links) {
    Map<PeerCounters, Supplier<PeerStatus>> current = new LinkedHashMap<>();
    links.forEach(link -> current.put(link.get().counters(), link));
    // First, as a new link may have the tags of a former one.
    ofLinks.entrySet().removeIf(entry -> {
      boolean isGone = !current.containsKey(entry.getKey());
      if (isGone) {
        entry.getValue().forEach(meters::remove);
      }
      return isGone;
    });
    current.forEach((counters, link) -> ofLinks.computeIfAbsent(counters, added -> bind(link)));
  }

  private List<Meter> bind(Supplier<PeerStatus> link) {
    PeerStatus status = link.get();
    Tags tags = Tags.of(
        "url",
        status.url().toString(),
        "address",
        status.address().getHostString() + ":" + status.address().getPort());
    List<Meter> bound = new ArrayList<>();
    // Only the gauges refer to the supplier, and by default weakly.
    bound.add(Gauge.builder("systole.peer.up", link, l -> up(l.get().state()))
        .tags(tags)
        .description(
            "1 if the peer accepts this node's changes, NaN if this node need not send any")
        .strongReference(true)
        .register(meters));
    bound.add(gauge("lag", link, l -> l.lagMs() / 1000.0)
        .baseUnit("seconds")
        .tags(tags)
        .description("Age of the oldest change that the peer has not accepted")
        .strongReference(true)
        .register(meters));
    bound.add(gauge("due", link, PeerStatus::dueSlots)
        .tags(tags)
        .description("Leases with a renewal or a difference to send")
        .strongReference(true)
        .register(meters));
    bound.add(gauge("differences", link, PeerStatus::lastDifference)
        .tags(tags)
        .description("Differences found by the last comparison, -1 before the first")
        .strongReference(true)
        .register(meters));
    bindCounters(status.counters(), tags, bound);
    return bound;
  }

  private static double up(LinkState state) {
    return switch (state) {
      case UP -> 1;
      case DOWN, COMPARING, CLOSED -> 0;
      // Nothing is replicated, and nothing is wrong.
      case SELF, DUPLICATE, STANDBY -> Double.NaN;
    };
  }

  /** Returns a gauge that keeps the supplier alive, since nothing else refers to it. */
  private static Gauge.Builder<Supplier<PeerStatus>> gauge(
      String name, Supplier<PeerStatus> link, ToDoubleFunction<PeerStatus> value) {
    return Gauge.builder("systole.peer." + name, link, l -> value.applyAsDouble(l.get()))
        .strongReference(true);
  }

  private void bindCounters(PeerCounters counters, Tags tags, List<Meter> bound) {
    for (Action action : Action.values()) {
      bound.add(FunctionCounter.builder("systole.peer.items", counters, c -> c.sent(action))
          .tags(tags.and("action", action.name().toLowerCase(Locale.ROOT)))
          .description("Items in accepted batches")
          .register(meters));
    }
    bound.add(
        FunctionCounter.builder("systole.peer.items.coalesced", counters, PeerCounters::coalesced)
            .tags(tags)
            .description("Items that a later one of the same instance replaced unsent")
            .register(meters));
    bound.add(FunctionCounter.builder("systole.peer.items.failed", counters, PeerCounters::failed)
        .tags(tags)
        .description("Items with a result other than success, or dropped")
        .register(meters));
    bound.add(
        FunctionCounter.builder("systole.peer.instances.adopted", counters, PeerCounters::adopted)
            .tags(tags)
            .description("Instances taken over because they were newer at the peer")
            .register(meters));
    bound.add(FunctionCounter.builder(
            "systole.peer.batches.failed", counters, PeerCounters::batchesFailed)
        .tags(tags)
        .description("Batches without a usable response")
        .register(meters));
    bound.add(FunctionCounter.builder("systole.peer.sent", counters, PeerCounters::bytesSent)
        .baseUnit("bytes")
        .tags(tags)
        .description("Bytes of the bodies of accepted batches")
        .register(meters));
    bound.add(FunctionTimer.builder(
            "systole.peer.batch",
            counters,
            PeerCounters::batches,
            PeerCounters::batchNs,
            TimeUnit.NANOSECONDS)
        .tags(tags)
        .description("Accepted batches, from the request to the response")
        .register(meters));
  }
}
