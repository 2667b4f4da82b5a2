// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.server.cluster.group.Group;
import io.systole.server.cluster.message.Message.Digest;
import io.systole.server.cluster.message.Message.Hello;
import io.systole.server.cluster.message.MessageEncoder;
import io.systole.server.cluster.message.MessageVersion;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Sends all messages of this member but responses. Confined to the thread of the ticks. */
final class MemberSender {
  /*
   * Each call does a bounded amount of work, in the order of urgency, so that renewals are sent in
   * time while others load all leases.
   */

  /** The pause between messages with changes, to send several in one. */
  private static final long RECORDS_INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(5);

  /** The pause after the group could not send. */
  static final long RETRY_NS = TimeUnit.MILLISECONDS.toNanos(500);

  private static final int RECORD_MESSAGES_MAX = 16;
  private static final int DEPARTURE_SECTIONS_MAX = 64;

  /** A departing member sends no more changes than this; the others compare registries. */
  private static final int LAST_MESSAGES_MAX = 10_000;

  private final ReplicaState state;
  private final Exchange exchange;
  private final Group group;
  private final Supplier<String> url;

  /** The URL in the last HELLO. */
  private String sentUrl = "";

  private final BeatSender beats;
  private final RecordSender records;
  private final long windowNs;
  private final long digestIntervalNs;
  private long windowStartNs;
  private long recordsSentNs;
  private long intervalStartNs;

  /** Whether the group could not send, at {@link #failedNs}. */
  private boolean isFailed;

  private long failedNs;

  MemberSender(
      ReplicaState state,
      Exchange exchange,
      RecordSource source,
      Group group,
      Supplier<String> url) {
    this.state = state;
    this.exchange = exchange;
    this.group = group;
    this.url = url;
    this.beats = new BeatSender(state);
    this.records = new RecordSender(state, source);
    this.windowNs = TimeUnit.MILLISECONDS.toNanos(state.settings.windowMs());
    this.digestIntervalNs = TimeUnit.MILLISECONDS.toNanos(state.settings.digestIntervalMs());
    long nowNs = state.clock.monotonicNs();
    this.windowStartNs = nowNs;
    this.recordsSentNs = nowNs - RECORDS_INTERVAL_NS;
    this.intervalStartNs = nowNs;
  }

  /** Adds slots renewed here as words of a bit set. Any thread. */
  void addRenewed(long[] words, boolean isByPeers) {
    beats.add(words, isByPeers);
  }

  /** Sends what is due; returns the time until more is. */
  long send() {
    boolean isMoreDue = extendOfDeparted();
    long nowNs = state.clock.monotonicNs();
    if (nowNs - windowStartNs >= windowNs) {
      windowStartNs = nowNs;
      beats.endWindow(nowNs, hasOthers(), version(), group::multicastUnreliably);
    }
    long recordsDueNs = Long.MAX_VALUE;
    if (!isFailed || nowNs - failedNs >= RETRY_NS) {
      isFailed = false;
      recordsDueNs = sendRecords(nowNs);
      sendDigest(nowNs);
      sendHello();
    }
    sendRequests();
    if (isMoreDue) {
      return 0;
    }
    return Math.max(0, Math.min(recordsDueNs, windowStartNs + windowNs - nowNs));
  }

  private boolean extendOfDeparted() {
    boolean isMoreDue = exchange.departures.isPending();
    for (int i = 0; isMoreDue && i < DEPARTURE_SECTIONS_MAX; i++) {
      isMoreDue = state.registry.atomically(exchange.departures::visitSome);
    }
    return isMoreDue;
  }

  private void sendHello() {
    String currentUrl = url.get();
    // It changes when the node listens.
    boolean isDue = exchange.takeHelloDue();
    if ((isDue || !currentUrl.equals(sentUrl)) && hasOthers()) {
      sentUrl = currentUrl;
      boolean isSent = multicast(MessageEncoder.encode(new Hello(
          MessageVersion.OLDEST,
          state.settings.protocolMax(),
          exchange.isComplete(),
          false,
          group.self().name(),
          currentUrl,
          build())));
      if (!isSent) {
        exchange.setHelloDue();
      }
    }
  }

  /** Returns false if the group can't send, which is then left alone for a while. */
  private boolean multicast(byte[] message) {
    boolean isSent = group.multicast(message);
    if (!isSent) {
      isFailed = true;
      failedNs = state.clock.monotonicNs();
      state.counters.sendFailures.increment();
    }
    return isSent;
  }

  private static String build() {
    String version = MemberSender.class.getPackage().getImplementationVersion();
    return version == null ? "" : version;
  }

  /** Returns the time until more changes may be sent. */
  private long sendRecords(long nowNs) {
    if (!records.hasDue()) {
      return Long.MAX_VALUE;
    }
    if (nowNs - recordsSentNs >= RECORDS_INTERVAL_NS) {
      recordsSentNs = nowNs;
      sendRecords(RECORD_MESSAGES_MAX);
    }
    return records.hasDue() ? recordsSentNs + RECORDS_INTERVAL_NS - nowNs : Long.MAX_VALUE;
  }

  private void sendRecords(int messagesMax) {
    boolean isSent = true;
    for (int i = 0; isSent && i < messagesMax && records.hasDue(); i++) {
      isSent = records.sendOne(hasOthers(), version(), this::multicast);
    }
  }

  private void sendDigest(long nowNs) {
    if (nowNs - intervalStartNs >= digestIntervalNs) {
      intervalStartNs = nowNs;
      exchange.setDue();
    }
    if (exchange.takeDigestDue() && hasOthers()) {
      Digest digest = state.registry.atomically(exchange.antiEntropy::digest);
      if (!multicast(MessageEncoder.encode(digest, version()))) {
        exchange.setDigestDue();
      }
    }
  }

  private void sendRequests() {
    Exchange.Outgoing request = exchange.takeRequest();
    while (request != null) {
      state.counters.pullsSent.increment();
      group.send(request.receiver(), MessageEncoder.encode(request.pull(), version()));
      request = exchange.takeRequest();
    }
  }

  /** Sends the last changes and renewals, reliably, and announces the departure. */
  void leave() {
    state.atomically(exchange.membership::setDraining);
    sendRecords(LAST_MESSAGES_MAX);
    long nowNs = state.clock.monotonicNs();
    beats.endWindow(nowNs, hasOthers(), version(), this::multicast);
    if (hasOthers()) {
      boolean unused = multicast(MessageEncoder.encodeDrain(version()));
    }
  }

  private boolean hasOthers() {
    return exchange.membership.view().hasOthers();
  }

  private int version() {
    return exchange.membership.protocolVersion();
  }
}
