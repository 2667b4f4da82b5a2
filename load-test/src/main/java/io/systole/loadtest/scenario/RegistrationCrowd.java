// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import io.systole.loadtest.runner.Fleet;
import io.systole.loadtest.scenario.CrowdRequests.CrowdRequest;
import io.systole.loadtest.scenario.ScenarioAction.CrowdPlan;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Clients outside the fleet that register at the same time. Each has one request in flight and
 * waits as long as a 503 requests. At the end those registered cancel.
 */
final class RegistrationCrowd {
  /*
   * One thread runs everything. A client is in one place at a time:
   *
   *   ready --connection free--> in flight --accepted--> registered
   *     ^                            |
   *     +------ waiting <--503, lost-+--another status--> rejected
   */

  /** The wait of a stock client, which registers again with its next heartbeat. */
  private static final long STOCK_WAIT_MS = 30_000;

  /** The wait after a lost connection. */
  private static final long RECONNECT_MS = 1_000;

  private static final long SELECT_MS_MAX = 100;
  private static final long END_MS_MAX = 60_000;
  private static final int UNAVAILABLE = 503;
  private static final int NOT_FOUND = 404;

  /** A client that waits before its next attempt. */
  private record WaitingClient(int client, long untilNs) {}

  /** A connection that carries one request at a time. */
  private final class CrowdConnection {
    private static final int NONE = -1;

    private final CrowdResponseParser parser = new CrowdResponseParser();
    private @Nullable SocketChannel channel;
    private @Nullable ByteBuffer unsent;
    private int client = NONE;

    void send(int next) {
      client = next;
      unsent = requests.of(isCancelling ? CrowdRequest.CANCEL : CrowdRequest.REGISTER, next);
      try {
        SocketChannel open = channel;
        if (open == null) {
          open = SocketChannel.open();
          channel = open;
          open.configureBlocking(false);
          open.connect(target);
          open.register(selector, SelectionKey.OP_CONNECT, this);
        } else {
          write(open);
        }
      } catch (IOException lost) {
        end();
      }
    }

    void proceed() {
      SocketChannel open = channel;
      if (open == null) {
        return;
      }
      try {
        if (!open.finishConnect()) {
          return;
        }
        if (unsent != null) {
          write(open);
        }
        read(open);
      } catch (IOException lost) {
        end();
      }
    }

    private void write(SocketChannel open) throws IOException {
      ByteBuffer bytes = unsent;
      if (bytes != null) {
        open.write(bytes);
        unsent = bytes.hasRemaining() ? bytes : null;
      }
      int interest = SelectionKey.OP_READ | (unsent == null ? 0 : SelectionKey.OP_WRITE);
      open.keyFor(selector).interestOps(interest);
    }

    private void read(SocketChannel open) throws IOException {
      int count = open.read(parser.buffer());
      if (client != NONE && parser.parse()) {
        int responded = client;
        client = NONE;
        responded(responded, parser);
        if (parser.mustClose()) {
          close();
        }
        idle.add(this);
      }
      if (count < 0) {
        throw new IOException("closed by the target");
      }
    }

    /** Ends a lost connection; its client waits. */
    private void end() {
      close();
      if (client != NONE) {
        lostCount++;
        waiting.add(new WaitingClient(client, System.nanoTime() + ns(RECONNECT_MS)));
        client = NONE;
        idle.add(this);
      }
    }

    void close() {
      parser.reset();
      unsent = null;
      try {
        if (channel != null) {
          channel.close();
        }
      } catch (IOException e) {
        // The connection is closed either way.
      }
      channel = null;
    }
  }

  private final ScenarioContext context;
  private final CrowdPlan plan;
  private final CrowdRequests requests;
  private final InetSocketAddress target;
  private final Selector selector;
  private final ArrayDeque<CrowdConnection> idle = new ArrayDeque<>();
  private final ArrayDeque<Integer> ready = new ArrayDeque<>();
  private final PriorityQueue<WaitingClient> waiting =
      new PriorityQueue<>(Comparator.comparingLong(WaitingClient::untilNs));
  private final Thread thread = new Thread(this::run, "crowd");
  private volatile boolean isEnded;
  private boolean isCancelling;
  private long startNs;
  private int doneCount;
  private int refusedCount;
  private int withoutRetryAfterCount;
  private int rejectedCount;
  private int lostCount;

  RegistrationCrowd(ScenarioContext context, CrowdPlan plan) throws IOException {
    this.context = context;
    this.plan = plan;
    this.requests = new CrowdRequests(
        context.target(), new Fleet(1, Math.toIntExact(STOCK_WAIT_MS), 90).source(0));
    this.target = MisbehavingConnections.addressOf(context.target());
    this.selector = Selector.open();
    thread.setDaemon(true);
  }

  /** Starts the clients; the end of the window ends them. */
  void begin() {
    for (int nth = 0; nth < plan.connections(); nth++) {
      idle.add(new CrowdConnection());
    }
    for (int client = 0; client < plan.clients(); client++) {
      ready.add(client);
    }
    context.onEnd(this::finish);
    thread.start();
  }

  private void finish() {
    isEnded = true;
    selector.wakeup();
    try {
      thread.join(END_MS_MAX);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try (selector) {
      startNs = System.nanoTime();
      runUntil(Long.MAX_VALUE);
      publish();
      cancel();
      idle.forEach(CrowdConnection::close);
    } catch (IOException e) {
      context.recordEvent("crowd: failed: " + e.getMessage());
    }
  }

  /** Sends and receives until all clients are done and the window has ended. */
  private void runUntil(long endNs) throws IOException {
    while (!isEnded || (isCancelling && !isDone() && System.nanoTime() < endNs)) {
      long nowNs = System.nanoTime();
      for (WaitingClient next = waiting.peek();
          next != null && next.untilNs() - nowNs <= 0;
          next = waiting.peek()) {
        ready.add(waiting.remove().client());
      }
      while (!ready.isEmpty() && !idle.isEmpty()) {
        idle.remove().send(ready.remove());
      }
      selector.select(key -> ((CrowdConnection) key.attachment()).proceed(), SELECT_MS_MAX);
    }
  }

  private boolean isDone() {
    return doneCount + rejectedCount == plan.clients();
  }

  private void responded(int client, CrowdResponseParser response) {
    int status = response.status();
    if (status == UNAVAILABLE) {
      refusedCount++;
      int secs = response.retryAfterSecs();
      withoutRetryAfterCount += secs == 0 ? 1 : 0;
      long waitMs = secs == 0 ? STOCK_WAIT_MS : TimeUnit.SECONDS.toMillis(secs);
      waiting.add(new WaitingClient(client, System.nanoTime() + ns(waitMs)));
    } else if (status / 100 == 2 || (isCancelling && status == NOT_FOUND)) {
      doneCount++;
      if (!isCancelling && doneCount == plan.clients()) {
        long tookNs = System.nanoTime() - startNs;
        context.metrics().put("crowd.complete", TimeUnit.NANOSECONDS.toMicros(tookNs) / 1e3);
        context.recordEvent("crowd: all registered");
      }
    } else {
      rejectedCount++;
    }
  }

  private void publish() {
    context.metrics().put("crowd.registered", doneCount);
    context.metrics().put("crowd.refused", refusedCount);
    context.metrics().put("crowd.without-retry-after", withoutRetryAfterCount);
    context.metrics().put("crowd.failed", (long) lostCount + rejectedCount);
    context.recordEvent("crowd: " + doneCount + " of " + plan.clients() + " registered, "
        + refusedCount + " times 503 (" + withoutRetryAfterCount + " without Retry-After), "
        + lostCount + " connections lost, " + rejectedCount + " rejected");
  }

  /** Cancels the registrations, over the same connections. */
  private void cancel() throws IOException {
    isCancelling = true;
    doneCount = 0;
    rejectedCount = 0;
    ready.clear();
    waiting.clear();
    for (int client = 0; client < plan.clients(); client++) {
      ready.add(client);
    }
    runUntil(System.nanoTime() + ns(END_MS_MAX / 2));
  }

  private static long ns(long ms) {
    return TimeUnit.MILLISECONDS.toNanos(ms);
  }
}
