// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.server.cluster.group.Group;
import io.systole.server.cluster.message.Message.Digest;
import io.systole.server.cluster.message.Message.Hello;
import io.systole.server.cluster.message.MessageEncoder;
import io.systole.server.cluster.message.MessageVersion;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The sender of all messages of this member except responses. Confined to the thread of the ticks.
 */
final class MemberSender {
  /*
   * Each call does a bounded amount of work, most urgent first, so that renewals are sent in time
   * while other members load all leases.
   */

  /** The interval between messages with changes, so that one message has several. */
  private static final long RECORDS_INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(5);

  /** The pause after the group could not send. */
  static final long RETRY_NS = TimeUnit.MILLISECONDS.toNanos(500);

  /** The maximum number of messages with changes that one call of {@link #send} sends. */
  private static final int RECORD_MESSAGES_MAX = 16;

  /** The maximum number of batches of leases that one call of {@link #send} extends. */
  private static final int EXTENSION_BATCHES_MAX = 64;

  /**
   * The maximum number of messages with changes that a leaving member sends. The other members find
   * what is missing by comparing their registries.
   */
  private static final int LAST_MESSAGES_MAX = 10_000;

  private final ReplicaState state;
  private final MemberReceiver receiver;
  private final Group group;
  private final String build;
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

  /** True if the last reliable message to all members failed, at {@link #failedNs}. */
  private boolean isFailed;

  /** Monotonic; the next attempt follows {@link #RETRY_NS} later. */
  private long failedNs;

  MemberSender(
      ReplicaState state,
      MemberReceiver receiver,
      RecordSource source,
      Group group,
      String build,
      Supplier<String> url) {
    this.state = state;
    this.receiver = receiver;
    this.group = group;
    this.build = build;
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

  /** Sends all messages that are due. Returns the time until the next is, nanoseconds. */
  long send() {
    boolean isMoreDue = extendLeases();
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

  private boolean extendLeases() {
    boolean isMoreDue = receiver.crashedMembers.isPending();
    for (int i = 0; isMoreDue && i < EXTENSION_BATCHES_MAX; i++) {
      isMoreDue = state.registry.atomically(receiver.crashedMembers::extendBatch);
    }
    return isMoreDue;
  }

  private void sendHello() {
    String currentUrl = url.get();
    // The URL is known once the node listens.
    boolean isDue = receiver.takeHelloDue();
    if ((isDue || !currentUrl.equals(sentUrl)) && hasOthers()) {
      sentUrl = currentUrl;
      boolean isSent = multicast(MessageEncoder.encode(new Hello(
          MessageVersion.OLDEST,
          state.settings.protocolMax(),
          receiver.isComplete(),
          false,
          group.self().name(),
          currentUrl,
          build)));
      if (!isSent) {
        receiver.setHelloDue();
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

  /** Sends changes. Returns the time until more may be sent, nanoseconds. */
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
      receiver.setDue();
    }
    if (receiver.takeDigestDue() && hasOthers()) {
      Digest digest = state.registry.atomically(receiver.antiEntropy::digest);
      if (!multicast(MessageEncoder.encode(digest, version()))) {
        receiver.setDigestDue();
      }
    }
  }

  private void sendRequests() {
    MemberReceiver.Outgoing request = receiver.takeRequest();
    while (request != null) {
      byte[] message = MessageEncoder.encode(request.pull(), version());
      if (group.send(request.receiver(), message)) {
        state.counters.pullsSent.increment();
      } else {
        // The request times out, and the bucket is requested again.
        state.counters.sendFailures.increment();
      }
      request = receiver.takeRequest();
    }
  }

  /** Sends the last changes and renewals, reliably, and announces that this member leaves. */
  void leave() {
    state.atomically(receiver.membership::setDraining);
    sendRecords(LAST_MESSAGES_MAX);
    long nowNs = state.clock.monotonicNs();
    beats.endWindow(nowNs, hasOthers(), version(), this::multicast);
    if (hasOthers()) {
      boolean unused = multicast(MessageEncoder.encodeDrain(version()));
    }
  }

  private boolean hasOthers() {
    return receiver.membership.view().hasOthers();
  }

  private int version() {
    return receiver.membership.protocolVersion();
  }
}
