// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import io.systole.protocol.codec.MalformedDocumentException;
import io.systole.protocol.codec.ReplicationCodec;
import io.systole.protocol.model.ReplicationItemResponse;
import io.systole.server.peer.RegistryComparison.Difference;
import io.systole.server.time.ManualClock;
import java.io.ByteArrayInputStream;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A link from one node to another, with a real queue. Each step is one event of its
 * {@link PeerLink}: sending, arriving, responding; so other events happen between any two of them.
 */
final class SimulatedLink {
  private static final int LOST_PERCENT = 8;

  private final SimulatedNode from;
  private final SimulatedNode to;
  private final ManualClock clock;
  private final ReplicationCodec codec = new ReplicationCodec();
  private final HistoryLog log;
  private PeerCounters counters = new PeerCounters();
  private ReplicationQueue queue;
  private boolean isCut;

  // The request in flight.
  private @Nullable ReplicationBatch batch;
  private byte[] request = {};
  private byte @Nullable [] response;

  // The comparison in progress.
  private boolean isComparing;
  private byte @Nullable [] document;
  private @Nullable Difference difference;

  SimulatedLink(SimulatedNode from, SimulatedNode to, ManualClock clock, HistoryLog log) {
    this.from = from;
    this.to = to;
    this.clock = clock;
    this.log = log;
    this.queue = new ReplicationQueue(from.registry(), counters);
  }

  SimulatedNode to() {
    return to;
  }

  /** Starts with an empty queue, as a node that has restarted. */
  void restart() {
    batch = null;
    endComparison();
    counters = new PeerCounters();
    queue = new ReplicationQueue(from.registry(), counters);
  }

  void addRenewalsDue(long[] words) {
    queue.addRenewalsDue(words);
  }

  boolean isCut() {
    return isCut;
  }

  /** Makes the peer unreachable; a request in flight fails. */
  void cut() {
    isCut = true;
    fail();
  }

  void heal() {
    isCut = false;
  }

  /** Fails the request in flight, if there is one. */
  void fail() {
    if (batch != null) {
      String lost = response == null ? "request lost" : "response lost";
      count(lost);
      add(lost, batch.size());
      queue.failed(batch);
      batch = null;
    }
    endComparison();
  }

  private void endComparison() {
    isComparing = false;
    document = null;
    difference = null;
  }

  boolean isIdle() {
    return batch == null && !isComparing && !queue.isComparisonDue() && !queue.hasWork();
  }

  /** Performs the next event; a request or response may be lost. */
  void step(SplittableRandom random, int itemsMax) {
    int dueSlots = queue.dueSlots();
    queue.limitLag();
    if (queue.dueSlots() > dueSlots) {
      count("changes became slots");
    }
    if (isCut) {
      return;
    }
    if (random.nextInt(100) < LOST_PERCENT) {
      fail();
    } else if (isComparing) {
      compare();
    } else if (batch != null) {
      exchange(batch);
    } else if (queue.isComparisonDue()) {
      isComparing = true;
    } else {
      send(itemsMax);
    }
  }

  private void compare() {
    if (document == null) {
      document = to.document();
    } else if (difference == null) {
      try {
        difference = RegistryComparison.compare(
            from.registry(), new ByteArrayInputStream(document), clock.wallMs());
      } catch (MalformedDocumentException malformed) {
        throw new IllegalStateException(malformed);
      }
    } else {
      count(difference.size() == 0 ? "compared equal" : "compared different");
      add("compared", difference);
      queue.resume(difference);
      difference.newer().forEach(queue::adopt);
      endComparison();
    }
  }

  private void send(int itemsMax) {
    batch = queue.next(itemsMax);
    if (batch != null) {
      request = codec.encodeItems(batch.items());
      response = null;
      batch.items().forEach(item -> {
        count("sent " + item.action());
        add(
            "sends",
            item.action() + " " + item.app() + "/" + item.id() + " dirty=" + item.dirtyMs()
                + " status=" + item.status());
      });
    }
  }

  private void exchange(ReplicationBatch sent) {
    if (response == null) {
      response = to.receive(request);
      add("applied", sent.size());
      return;
    }
    List<ReplicationItemResponse> results;
    try {
      results = codec.decodeResponses(response, clock.wallMs());
    } catch (MalformedDocumentException malformed) {
      throw new IllegalStateException(malformed);
    }
    results.forEach(result -> count("result " + result.status()));
    long adopted = counters.adopted();
    queue.accepted(sent, results);
    if (counters.adopted() > adopted) {
      count("adopted");
      add("adopted", counters.adopted() - adopted);
    }
    batch = null;
  }

  private void count(String what) {
    log.count(what);
  }

  private void add(String event, Object about) {
    log.add(from.index + "->" + to.index + " " + event + ": " + about);
  }
}
