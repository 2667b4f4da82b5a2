// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.systole.client.api.TlsFiles;
import io.systole.client.net.Transport;
import io.systole.protocol.time.Clock;
import io.systole.server.peer.FakePeer.FakeRequest;
import io.systole.server.peer.PeerStatus.LinkState;
import io.systole.server.registry.ByteBounds;
import io.systole.server.registry.Instances;
import io.systole.server.registry.LeaseRules;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RegistrySettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * A registry with links to scripted peers over loopback, whose intervals are short. The host
 * {@code two.test} has two addresses, {@code many.test} more than there may be links, any other
 * one.
 */
final class PeerFixture {
  static final String NODE_ID = "node-1";

  /** The timeout of {@link #start}. */
  static final int TIMEOUT_MS = 300;

  /** For peers that respond: not exceeded on a busy machine. */
  static final int AMPLE_TIMEOUT_MS = 30_000;

  static final int LEASES = 1_000;

  /** The longest wait. */
  static final Duration LIMIT = Duration.ofSeconds(60);

  private static final Duration POLL_INTERVAL = Duration.ofMillis(5);

  /** The pause after a 503 is the real one: a test measures it. */
  private static final LinkTimings TIMINGS =
      new LinkTimings(10, 10, 100, LinkTimings.DEFAULT.overloadMs(), 30_000, 10, 100);

  /** The number of calls from the peer thread that the clock is to fail. */
  final AtomicInteger clockFailures = new AtomicInteger();

  final Clock clock = failing(Clock.startingAtZero());
  final Registry registry;
  final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  final RenewalCollector renewals = new RenewalCollector();
  final FakePeer peer;
  private final List<AutoCloseable> opened = new ArrayList<>();
  private @Nullable Peers peers;

  PeerFixture() throws IOException {
    this(ByteBounds.NONE);
  }

  /** @param bounds of the registry */
  PeerFixture(ByteBounds bounds) throws IOException {
    registry = new Registry(
        new RegistrySettings(LEASES, true, 180_000, 10_000, LeaseRules.STOCK, bounds), clock);
    peer = open(new FakePeer());
  }

  private Clock failing(Clock clock) {
    return new Clock() {
      @Override
      public long monotonicNs() {
        return clock.monotonicNs();
      }

      @Override
      public long wallMs() {
        if (Thread.currentThread().getName().startsWith("systole-peers")
            && clockFailures.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
          throw new IllegalStateException("clock");
        }
        return clock.wallMs();
      }
    };
  }

  /** Returns a resource that {@link #stop} closes. */
  <T extends AutoCloseable> T open(T resource) {
    opened.add(resource);
    return resource;
  }

  /** Closes everything that was opened. */
  void stop() throws Exception {
    if (peers != null) {
      peers.close();
    }
    for (AutoCloseable each : opened) {
      each.close();
    }
    loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).await();
  }

  /** Returns the URL of {@link #peer}. */
  URI url() {
    return url(peer);
  }

  static URI url(FakePeer peer) {
    return URI.create("http://127.0.0.1:" + peer.port() + "/eureka");
  }

  Peers start(URI... urls) {
    Peers started = create(settings(TIMEOUT_MS, TlsFiles.NONE, urls));
    started.start(1);
    return started;
  }

  static PeerSettings settings(int timeoutMs, TlsFiles tls, URI... urls) {
    return new PeerSettings(List.of(urls), null, timeoutMs, tls, false);
  }

  Peers create(PeerSettings settings) {
    try {
      Peers created = new Peers(
          settings,
          new PeerConnector(settings, Transport.NIO),
          registry,
          clock,
          NODE_ID,
          renewals,
          PeerFixture::addresses,
          TIMINGS);
      peers = created;
      return created;
    } catch (IOException unusable) {
      throw new UncheckedIOException(unusable);
    }
  }

  private static InetAddress[] addresses(String host) throws UnknownHostException {
    int count = host.equals("many.test") ? PeerUrls.PEERS_MAX + 1 : host.equals("two.test") ? 2 : 1;
    InetAddress[] addresses = new InetAddress[count];
    for (int i = 0; i < count; i++) {
      addresses[i] = loopback(i + 1);
    }
    return addresses;
  }

  static InetAddress loopback(int last) throws UnknownHostException {
    return InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) last});
  }

  Peers peers() {
    return requireNonNull(peers);
  }

  void register(String id) {
    registry.register(Instances.up("DEMO", id, 90), Origin.CLIENT);
  }

  PeerStatus status() {
    List<PeerStatus> statuses = peers().statuses();
    return statuses.get(0);
  }

  /** Returns the requests with items that {@link #peer} has received. */
  List<FakeRequest> batches() {
    return peer.requests.stream().filter(FakeRequest::hasItems).toList();
  }

  /** Returns a bounded wait. */
  static ConditionFactory eventually() {
    return Awaitility.await().atMost(LIMIT).pollInterval(POLL_INTERVAL);
  }

  void awaitStates(LinkState... states) {
    eventually()
        .untilAsserted(() -> assertThat(peers().statuses())
            .extracting(PeerStatus::state)
            .containsExactlyInAnyOrder(states));
  }

  void awaitFailure(String reason) {
    eventually()
        .untilAsserted(() -> assertThat(peers().statuses())
            .singleElement()
            .satisfies(each -> assertThat(each.lastFailure()).contains(reason)));
  }

  /** Waits until the peer has accepted a number of batches. */
  void awaitAccepted(long batches) {
    eventually().until(() -> status().counters().batches() >= batches);
    // The batch is counted just before its failure is forgotten.
    eventually().untilAsserted(() -> assertThat(status().lastFailure()).isNull());
  }

  /**
   * Returns the messages of this package on a subject that are logged while an action runs. Threads
   * of an earlier test may still log on theirs.
   */
  static List<String> capture(String subject, Level level, Runnable action) {
    return captureAll(Peers.class.getPackageName(), level, action).stream()
        .filter(message -> message.contains(subject))
        .toList();
  }

  /** Returns the messages of a package that are logged while an action runs. */
  static List<String> captureAll(String loggers, Level level, Runnable action) {
    Logger logger = (Logger) LoggerFactory.getLogger(loggers);
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    logger.addAppender(log);
    try {
      action.run();
      return List.copyOf(log.list).stream()
          .filter(event -> event.getLevel() == level)
          .map(ILoggingEvent::getFormattedMessage)
          .toList();
    } finally {
      logger.detachAppender(log);
    }
  }
}
