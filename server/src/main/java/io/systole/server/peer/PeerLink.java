// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import io.systole.client.net.Backoff;
import io.systole.protocol.codec.MalformedDocumentException;
import io.systole.protocol.codec.ReplicationCodec;
import io.systole.protocol.model.ReplicationItem;
import io.systole.protocol.model.ReplicationItemResponse;
import io.systole.protocol.time.Clock;
import io.systole.server.peer.PeerStatus.LinkState;
import io.systole.server.peer.RegistryComparison.Difference;
import io.systole.server.registry.Registry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
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
   * The probe is an empty batch, which every server answers and which shows the peer's id. An
   * address may lead to another node at each connection, so every response is checked. An answered
   * probe does not end an outage: only an accepted batch or a completed comparison resets the
   * backoff, as a peer may answer probes and nothing else.
   *
   * Every task of a link runs guarded (see guard). An exception that left one would leave the link
   * without a next step, and other links without theirs.
   */

  /** The environment of a link. */
  interface Context {
    Registry registry();

    Clock clock();

    /**
     * Decides whether the link may replicate to a node.
     *
     * @param nodeId the id in a response, null from stock servers
     * @return {@link LinkState#UP}, {@link LinkState#SELF} or {@link LinkState#DUPLICATE}
     */
    LinkState claim(PeerLink link, @Nullable String nodeId);

    /** Opens a connection to the peer for short responses. */
    PeerConnection connect();

    /** Opens a connection to the peer for its whole registry. */
    PeerConnection connectForRegistry();

    /** Runs a task on the peer thread. */
    void execute(Runnable task);

    /** Runs a task on the peer thread after a delay. */
    void schedule(Runnable task, long delayMs);

    /** Runs a task on the thread of comparisons, which may take seconds. */
    void executeComparison(Runnable task);
  }

  private static final Logger LOG = LoggerFactory.getLogger(PeerLink.class);

  private static final String BATCH_PATH = "/peerreplication/batch/";
  private static final byte[] EMPTY_BATCH =
      "{\"replicationList\":[]}".getBytes(StandardCharsets.UTF_8);

  private static final long BACKOFF_MS_MIN = 100;
  private static final long BACKOFF_MS_MAX = 10_000;

  /** The minimum pause after a 503, as in stock servers (spec §5.3). */
  private static final long OVERLOAD_MS = 1_000;

  /**
   * How often a peer must refuse an item by itself before it is dropped. One refusal may be due to
   * a request damaged on its way, or to a peer that is about to stop.
   */
  private static final int REFUSALS_MAX = 3;

  /** The interval at which an address of this node, or of another link's peer, is tried again. */
  private static final long RECHECK_MS = 30_000;

  private final URI url;
  private final InetSocketAddress address;
  private final Context context;
  private final PeerConnection connection;
  private final PeerCounters counters = new PeerCounters();
  private final ReplicationQueue queue;
  private final ReplicationCodec codec = new ReplicationCodec();
  private final Backoff backoff =
      new Backoff(BACKOFF_MS_MIN, BACKOFF_MS_MAX, new SplittableRandom());

  private int itemsMax = ReplicationQueue.ITEMS_MAX;
  private boolean isBusy;

  /** True if the log has a line on the present success; false during an outage. */
  private boolean isReported;

  /** The item that the peer last refused by itself, and how often. */
  private @Nullable ReplicationItem refusedItem;

  private int refusals;

  // Written by the peer thread, read by any.
  private volatile LinkState state = LinkState.DOWN;
  private volatile @Nullable String nodeId;
  private volatile long lastSuccessMs;
  private volatile long lagNs;
  private volatile int dueSlots;
  private volatile int lastDifference = -1;
  private volatile @Nullable String lastFailure;

  PeerLink(PeerAddress peer, Context context) {
    this.url = peer.server().url();
    this.address = peer.address();
    this.context = context;
    this.connection = context.connect();
    this.queue = new ReplicationQueue(context.registry(), counters);
  }

  /** Contacts the peer for the first time, or again after a failure. */
  void probe() {
    if (!isBusy && !isActive() && state != LinkState.CLOSED) {
      guard(() -> exchange(connection.post(BATCH_PATH, EMPTY_BATCH), this::probed, this::failed));
    }
  }

  private void probed(PeerResponse response) throws IOException {
    if (response.status() != 200) {
      throw response.refusal();
    }
    if (queue.isComparisonDue()) {
      compare();
      return;
    }
    state = LinkState.UP;
    send();
    if (!isBusy && state == LinkState.UP) {
      // Nothing is due that could show more than the probe.
      succeeded();
    }
  }

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
      failed(messageOf(e));
    } catch (Throwable defect) {
      LOG.error("replication to peer failed url={} address={}", url, address, defect);
      // The queue may be between two states; a comparison replaces it.
      queue.clear();
      failed("internal error: " + defect);
    }
  }

  /** Receives the result of the one request in flight, on the peer thread. */
  private <T> void onResult(CompletableFuture<T> pending, ResultAction<T> action) {
    isBusy = true;
    pending.whenComplete((result, failure) -> context.execute(() -> {
      isBusy = false;
      if (state == LinkState.CLOSED) {
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
        onFailure.accept(messageOf(failure));
        return;
      }
      LinkState claimed = claim(response);
      if (claimed == LinkState.UP) {
        onResponse.accept(response);
      } else {
        standBy(claimed);
      }
    });
  }

  private LinkState claim(PeerResponse response) {
    nodeId = response.nodeId();
    return context.claim(this, response.nodeId());
  }

  /** Stops replicating to this node itself, or to a node that has another link. */
  private void standBy(LinkState reason) {
    if (state != reason) {
      LOG.info("peer is {} url={} address={}", reason, url, address);
    }
    state = reason;
    isReported = false;
    queue.clear();
    connection.close();
    context.schedule(this::probe, RECHECK_MS);
  }

  /** Ends an outage. */
  private void succeeded() {
    lastSuccessMs = context.clock().wallMs();
    lastFailure = null;
    backoff.reset();
    if (!isReported) {
      isReported = true;
      LOG.info("replicating to peer url={} address={} node={}", url, address, nodeId);
    }
  }

  private void failed(String reason) {
    failed(reason, 0);
  }

  private void failed(String reason, long delayMsMin) {
    if (lastFailure == null) {
      LOG.warn("peer is down url={} address={}: {}", url, address, reason);
    }
    lastFailure = reason;
    isReported = false;
    state = LinkState.DOWN;
    connection.close();
    context.schedule(this::probe, Math.max(delayMsMin, backoff.nextMs()));
  }

  /** Compares the registries, as the peer may have missed changes. */
  private void compare() {
    state = LinkState.COMPARING;
    PeerConnection download = context.connectForRegistry();
    CompletableFuture<Difference> compared =
        download.get(RegistryDownload.PATH).thenApplyAsync(this::difference, context::executeComparison);
    compared.whenComplete((difference, failure) -> download.close());
    onResult(compared, this::compared);
  }

  private Difference difference(PeerResponse response) {
    try {
      return RegistryComparison.compare(
          context.registry(), response, context.clock().wallMs());
    } catch (MalformedDocumentException malformed) {
      throw new UncheckedIOException(new IOException("not a registry", malformed));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void compared(@Nullable Difference difference, @Nullable Throwable failure) {
    if (difference == null) {
      failed("comparison failed: " + messageOf(failure));
      return;
    }
    counters.addComparison();
    lastDifference = difference.size();
    if (difference.size() > 0) {
      LOG.info("peer differs url={} address={} instances={}", url, address, difference.size());
    }
    queue.resume(difference);
    succeeded();
    state = LinkState.UP;
    send();
  }

  /** Adds renewed slots, as words of a bit set. */
  void addRenewed(long[] words) {
    if (state != LinkState.SELF && state != LinkState.DUPLICATE) {
      queue.addRenewed(words);
    }
  }

  /** Sends a batch if one is due and none is in flight. Called at least every 250 ms. */
  void send() {
    guard(this::sendDue);
  }

  private void sendDue() {
    lagNs = queue.lagNs(context.clock().monotonicNs());
    dueSlots = queue.dueSlots();
    // Also while the peer is down: a position keeps all later changes in memory.
    queue.limitLag();
    if (state != LinkState.UP || isBusy) {
      return;
    }
    if (queue.isComparisonDue()) {
      compare();
      return;
    }
    ReplicationBatch batch = queue.next(itemsMax);
    if (batch == null) {
      return;
    }
    byte[] body = codec.encodeItems(batch.items());
    long sentNs = context.clock().monotonicNs();
    exchange(
        connection.post(BATCH_PATH, body),
        response -> received(batch, response, body.length, sentNs),
        reason -> {
          shrink();
          retry(batch, reason, 0);
        });
  }

  private void received(ReplicationBatch batch, PeerResponse response, int bytes, long sentNs) {
    if (response.status() == 200) {
      accept(batch, response, bytes, context.clock().monotonicNs() - sentNs);
    } else {
      refused(batch, response);
    }
  }

  private void accept(ReplicationBatch batch, PeerResponse response, int bytes, long tookNs) {
    List<ReplicationItemResponse> results;
    try {
      results = codec.decodeResponses(response.body(), context.clock().wallMs());
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
    succeeded();
    itemsMax = Math.min(ReplicationQueue.ITEMS_MAX, 2 * itemsMax);
    send();
  }

  /** Isolates an item that the peer does not accept, since it refuses its whole batch. */
  private void refused(ReplicationBatch batch, PeerResponse response) {
    int status = response.status();
    boolean isForContent = status == 400 || status == 413 || status == 500;
    if (isForContent && batch.size() == 1) {
      if (countRefusal(batch.items().get(0)) < REFUSALS_MAX) {
        retry(batch, "status " + status, 0);
        return;
      }
      LOG.warn(
          "peer refuses an item, dropped url={} status={} item={}",
          url,
          status,
          batch.items().get(0).action());
      queue.drop(batch);
      send();
      return;
    }
    if (isForContent) {
      itemsMax = Math.max(1, batch.size() / 2);
      counters.addFailedBatch();
      queue.failed(batch);
      send();
      return;
    }
    shrink();
    retry(batch, "status " + status, status == 503 ? OVERLOAD_MS : 0);
  }

  /** Returns how often the peer has refused this item in succession. */
  private int countRefusal(ReplicationItem item) {
    refusals = item.equals(refusedItem) ? refusals + 1 : 1;
    refusedItem = item;
    return refusals;
  }

  private void shrink() {
    itemsMax = Math.max(1, itemsMax / 2);
  }

  private void retry(ReplicationBatch batch, String reason, long delayMsMin) {
    counters.addFailedBatch();
    queue.failed(batch);
    failed(reason, delayMsMin);
  }

  /** Returns the message of a failure and that of its cause. */
  static String messageOf(@Nullable Throwable failure) {
    Throwable cause = failure;
    while (cause instanceof CompletionException || cause instanceof UncheckedIOException) {
      cause = cause.getCause();
    }
    if (cause == null) {
      return "no reason given";
    }
    Throwable root = cause.getCause();
    return cause.getMessage() + (root == null ? "" : ": " + root.getMessage());
  }

  /** Returns whether everything has been sent and accepted. */
  boolean isIdle() {
    return !isBusy && !queue.hasWork();
  }

  /** Returns whether the link has reached its peer and no request has failed since. */
  boolean isActive() {
    return state == LinkState.UP || state == LinkState.COMPARING;
  }

  /** Stops after the batch in flight. */
  void close() {
    state = LinkState.CLOSED;
    if (!isBusy) {
      connection.close();
    }
  }

  /** Returns the id of the node that the link leads to, null if unknown. */
  @Nullable
  String nodeId() {
    return nodeId;
  }

  /** Returns the state for operators. Any thread may call. */
  PeerStatus status() {
    return new PeerStatus(
        url,
        address,
        state,
        nodeId,
        lastSuccessMs,
        TimeUnit.NANOSECONDS.toMillis(lagNs),
        dueSlots,
        lastDifference,
        lastFailure,
        counters);
  }
}
