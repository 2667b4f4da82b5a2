// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import io.systole.protocol.codec.MalformedDocumentException;
import io.systole.protocol.codec.ReplicationCodec;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.ReplicationItemResponse;
import io.systole.protocol.time.Clock;
import io.systole.server.peer.PeerStatus.LinkState;
import io.systole.server.peer.RegistryComparison.Difference;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replicates the registry to one peer, one batch at a time. Confined to the peer thread, except
 * {@link #status}.
 */
final class PeerLink {
  /*
   *   DOWN --probe--> (COMPARING) --> UP --batch fails--> DOWN, after a backoff
   *    ^                               |
   *    +------ SELF, DUPLICATE <-------+   by the id in any response
   *
   *   any, by elect(false), once no request is in flight ---> STANDBY --elect(true)--> DOWN, probe
   *
   * In a native cluster one member replicates to each peer. A link that is not elected keeps no
   * position in the log and no slots; it compares the peer when it is elected.
   *
   * The probe is an empty batch, which every server answers and which shows the peer's id. An
   * address may lead to another node at each connection, so every response is checked. An answered
   * probe does not end an outage: only an accepted batch or a completed comparison resets the
   * backoff, as a peer may answer probes and nothing else.
   *
   * Every task of a link runs guarded (see guard). An exception that left one would leave the link
   * without a next step, and other links without theirs.
   */

  /** The nodes that links replicate to. */
  interface NodeClaims {
    /**
     * Decides whether a link may replicate to a node.
     *
     * @param nodeId the id in a response, null from stock servers
     * @return {@link LinkState#UP}, {@link LinkState#SELF} or {@link LinkState#DUPLICATE}
     */
    LinkState claim(PeerLink link, @Nullable String nodeId);
  }

  private static final Logger LOG = LoggerFactory.getLogger(PeerLink.class);

  private static final String BATCH_PATH = "/peerreplication/batch/";

  /** Registrations that take the peer thread a few milliseconds. */
  private static final int ADOPTIONS_PER_STEP = ReplicationQueue.ITEMS_MAX;

  private static final byte[] EMPTY_BATCH =
      "{\"replicationList\":[]}".getBytes(StandardCharsets.UTF_8);

  private final PeerAddress peer;
  private final LinkEnvironment environment;
  private final NodeClaims claims;
  private final Clock clock;
  private final PeerConnection connection;
  private final PeerCounters counters = new PeerCounters();
  private final LinkHealth health;
  private final ReplicationQueue queue;
  private final LinkComparison comparison;
  private final BatchSize batchSize = new BatchSize();
  private final ReplicationCodec codec = new ReplicationCodec();

  /** True if a request is in flight. */
  private boolean isBusy;

  private boolean isElected = true;

  /** The number of the scheduled probe; earlier ones are not made. */
  private int scheduledProbe;

  PeerLink(PeerAddress peer, LinkEnvironment environment, NodeClaims claims) {
    this.peer = peer;
    this.environment = environment;
    this.claims = claims;
    this.clock = environment.clock();
    this.connection = environment.connector().connect(peer);
    this.health = new LinkHealth(peer, clock, counters, environment.timings());
    this.comparison = new LinkComparison(peer, environment);
    this.queue = new ReplicationQueue(environment.registry(), counters);
  }

  /** Contacts the peer for the first time, or again after a failure. */
  void probe() {
    if (isElected && !isBusy && !isActive() && health.state() != LinkState.CLOSED) {
      guard(() -> exchange(connection.post(BATCH_PATH, EMPTY_BATCH), this::probed, this::failed));
    }
  }

  private void probed(PeerResponse response) throws IOException {
    if (response.status() != 200) {
      throw response.refusal();
    }
    if (!isElected) {
      standByForMember();
      return;
    }
    if (queue.isComparisonDue()) {
      compare();
      return;
    }
    health.enter(LinkState.UP);
    send();
    if (!isBusy && health.state() == LinkState.UP) {
      // Nothing is due that could show more than the probe.
      health.succeeded();
    }
  }

  // ---------------------------------------------------------------- steps and their failures

  /** A step of the link, on the peer thread. */
  private interface Step {
    void run() throws IOException;
  }

  /** Handles a response of the peer. */
  private interface ResponseAction {
    void accept(PeerResponse response) throws IOException;
  }

  /** Handles a result, or a failure. */
  private interface ResultAction<T> {
    void accept(T result, @Nullable Throwable failure) throws IOException;
  }

  /** Runs a step; whatever it throws takes the link down until the next probe. */
  private void guard(Step step) {
    try {
      step.run();
    } catch (IOException e) {
      failed(PeerFailureReason.of(e));
    } catch (Throwable defect) {
      LOG.error(
          "replication to peer failed url={} address={}", peer.server(), peer.address(), defect);
      // The queue may be between two states; a comparison replaces it.
      queue.clear();
      failed("internal error: " + defect);
    }
  }

  /** Receives the result of the one request in flight, on the peer thread. */
  private <T> void onResult(CompletableFuture<T> pending, ResultAction<T> action) {
    isBusy = true;
    pending.whenComplete((result, failure) -> environment.threads().execute(() -> {
      isBusy = false;
      if (health.state() == LinkState.CLOSED) {
        connection.close();
      } else {
        guard(() -> action.accept(result, failure));
      }
    }));
  }

  /**
   * Receives a response.
   *
   * @param onFailure receives the reason if there is no response
   */
  private void exchange(
      CompletableFuture<PeerResponse> sent, ResponseAction onResponse, Consumer<String> onFailure) {
    onResult(sent, (response, failure) -> {
      if (failure != null) {
        onFailure.accept(PeerFailureReason.of(failure));
        return;
      }
      health.reached(response.nodeId());
      LinkState claimed = claims.claim(this, response.nodeId());
      if (claimed == LinkState.UP) {
        onResponse.accept(response);
      } else {
        standBy(claimed);
      }
    });
  }

  /** Stops replicating to this node itself, or to a node that has another link. */
  private void standBy(LinkState reason) {
    health.standBy(reason);
    queue.clear();
    connection.close();
    probeAfter(environment.timings().recheckMs());
  }

  /**
   * Sets whether this member of a native cluster is elected to replicate to the peer. If not, the
   * link stands by after the request in flight.
   */
  void elect(boolean elected) {
    isElected = elected;
    if (elected && health.state() == LinkState.STANDBY) {
      health.enter(LinkState.DOWN);
      probe();
    }
  }

  private void standByForMember() {
    if (health.state() != LinkState.STANDBY) {
      health.standByForMember();
      connection.close();
    }
    // Also later: a position keeps all later changes in memory.
    queue.clear();
  }

  private void failed(String reason) {
    failed(reason, 0);
  }

  private void failed(String reason, long delayMsMin) {
    long backoffMs = health.failed(reason);
    connection.close();
    probeAfter(Math.max(delayMsMin, backoffMs));
  }

  private void probeAfter(long delayMs) {
    int number = ++scheduledProbe;
    environment
        .threads()
        .schedule(
            () -> {
              if (number == scheduledProbe) {
                probe();
              }
            },
            delayMs);
  }

  // ---------------------------------------------------------------- comparison

  /** Compares the registries, as the peer may have missed changes. */
  private void compare() {
    health.enter(LinkState.COMPARING);
    onResult(comparison.start(() -> health.state() == LinkState.CLOSED), this::compared);
  }

  private void compared(@Nullable Difference difference, @Nullable Throwable failure) {
    if (difference == null) {
      failed("comparison failed: " + PeerFailureReason.of(failure), comparison.failed());
      return;
    }
    comparison.succeeded();
    counters.addComparison();
    health.compared(difference.size());
    queue.resume(difference);
    adopt(difference.newer().iterator());
  }

  /** Takes over instances of the peer, in steps between which other links run. */
  private void adopt(Iterator<InstanceInfo> newer) {
    for (int i = 0; i < ADOPTIONS_PER_STEP && newer.hasNext(); i++) {
      queue.adopt(newer.next());
    }
    if (newer.hasNext()) {
      onResult(CompletableFuture.completedFuture(newer), (rest, failure) -> adopt(rest));
      return;
    }
    health.succeeded();
    health.enter(LinkState.UP);
    send();
  }

  // ---------------------------------------------------------------- batches

  /** Adds renewed slots, as words of a bit set. */
  void addRenewalsDue(long[] words) {
    if (!health.isStandby()) {
      queue.addRenewalsDue(words);
    }
  }

  /** Sends a batch if one is due and none is in flight. Called periodically. */
  void send() {
    guard(this::sendDue);
  }

  private void sendDue() {
    if (!isElected && !isBusy && health.state() != LinkState.CLOSED) {
      standByForMember();
      return;
    }
    health.measured(queue.dueSlots());
    // Also while the peer is down: a position keeps all later changes in memory.
    queue.limitLag();
    if (health.state() != LinkState.UP || isBusy) {
      return;
    }
    if (queue.isComparisonDue()) {
      compare();
      return;
    }
    ReplicationBatch batch = queue.next(batchSize.itemsMax());
    if (batch == null) {
      return;
    }
    byte[] body = codec.encodeItems(batch.items());
    long sentNs = clock.monotonicNs();
    exchange(
        connection.post(BATCH_PATH, body, batch.responseBytesMax()),
        response -> received(batch, response, body.length, sentNs),
        reason -> {
          batchSize.failed();
          retry(batch, reason, 0);
        });
  }

  private void received(ReplicationBatch batch, PeerResponse response, int bytes, long sentNs) {
    if (response.status() == 200) {
      accept(batch, response, bytes, clock.monotonicNs() - sentNs);
    } else {
      refused(batch, response.status());
    }
  }

  private void accept(ReplicationBatch batch, PeerResponse response, int bytes, long tookNs) {
    List<ReplicationItemResponse> results;
    try {
      results = codec.decodeResponses(response.body(), clock.wallMs());
    } catch (MalformedDocumentException malformed) {
      retry(batch, "unreadable response: " + malformed.getMessage(), 0);
      return;
    }
    if (results.size() != batch.size()) {
      retry(batch, results.size() + " results for " + batch.size() + " items", 0);
      return;
    }
    counters.addBatch(batch, bytes, tookNs);
    queue.accepted(batch, results);
    health.succeeded();
    batchSize.accepted();
    send();
  }

  private void refused(ReplicationBatch batch, int status) {
    switch (batchSize.refused(batch, status)) {
      case RETRY ->
        retry(batch, "status " + status, status == 503 ? environment.timings().overloadMs() : 0);
      case SPLIT -> {
        counters.addFailedBatch();
        queue.failed(batch);
        send();
      }
      case DROP -> {
        health.dropped(batch.items().get(0).action(), status);
        queue.drop(batch);
        send();
      }
    }
  }

  private void retry(ReplicationBatch batch, String reason, long delayMsMin) {
    counters.addFailedBatch();
    queue.failed(batch);
    failed(reason, delayMsMin);
  }

  // ---------------------------------------------------------------- state

  /** Returns whether everything has been sent and accepted. */
  boolean isIdle() {
    return !isBusy && !queue.hasWork();
  }

  /** Returns whether the link has reached its peer and no request has failed since. */
  boolean isActive() {
    return health.isActive();
  }

  /** Stops after the batch in flight. */
  void close() {
    health.enter(LinkState.CLOSED);
    if (!isBusy) {
      connection.close();
    }
  }

  /** Returns the address that the link leads to. */
  InetSocketAddress address() {
    return peer.address();
  }

  /** Records that the link to another address replicates to a node with the same id. */
  void sharesNode(PeerLink other) {
    health.sharesNode(other.address());
  }

  /** Returns the id of the node that the link leads to, null if unknown. */
  @Nullable
  String nodeId() {
    return health.nodeId();
  }

  /** Returns the state for operators. Thread-safe. */
  PeerStatus status() {
    // Not as of the last step, as the peer thread may be blocked.
    return health.status(queue.lagNs(clock.monotonicNs()));
  }
}
