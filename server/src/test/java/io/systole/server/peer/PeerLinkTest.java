// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.systole.client.api.TlsFiles;
import io.systole.client.net.Transport;
import io.systole.protocol.codec.Form;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.model.Application;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.time.Clock;
import io.systole.server.net.BufferLeakExtension;
import io.systole.server.peer.FakePeer.FakeRequest;
import io.systole.server.peer.PeerStatus.LinkState;
import io.systole.server.registry.ByteBounds;
import io.systole.server.registry.Instances;
import io.systole.server.registry.LeaseKey.LookupKey;
import io.systole.server.registry.LeaseRules;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RegistrySettings;
import io.systole.server.registry.RenewedSlots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import javax.net.ServerSocketFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Links to peers that hang, fail or respond wrongly, over loopback. */
@ExtendWith(BufferLeakExtension.class)
class PeerLinkTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final String NODE_ID = "node-1";
  private static final int TIMEOUT_MS = 300;
  private static final int LEASES = 1_000;

  @TempDir
  private Path directory;

  /** The number of calls from the peer thread that the clock is to fail. */
  private final AtomicInteger clockFailures = new AtomicInteger();

  private final Clock clock = failing(Clock.startingAtZero());
  private final Registry registry = new Registry(
      new RegistrySettings(LEASES, true, 180_000, 10_000, LeaseRules.STOCK, ByteBounds.NONE),
      clock);
  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final RenewalCollector renewals = new RenewalCollector();
  private final List<AutoCloseable> opened = new ArrayList<>();
  private FakePeer peer;
  private @Nullable Peers peers;

  @BeforeEach
  void startPeer() throws IOException {
    peer = open(new FakePeer());
  }

  private <T extends AutoCloseable> T open(T resource) {
    opened.add(resource);
    return resource;
  }

  @AfterEach
  void stop() throws Exception {
    if (peers != null) {
      peers.close();
    }
    for (AutoCloseable each : opened) {
      each.close();
    }
    loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).await();
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

  private URI url() {
    return URI.create("http://127.0.0.1:" + peer.port() + "/eureka");
  }

  private Peers start(URI... urls) {
    Peers started = create(settings(TIMEOUT_MS, TlsFiles.NONE, urls));
    started.start(1);
    return started;
  }

  private static PeerSettings settings(int timeoutMs, TlsFiles tls, URI... urls) {
    return new PeerSettings(List.of(urls), null, timeoutMs, tls, false);
  }

  private Peers create(PeerSettings settings) {
    try {
      peers = new Peers(
          settings,
          new PeerConnector(settings, Transport.NIO, loops::next),
          registry,
          clock,
          NODE_ID,
          renewals,
          PeerLinkTest::addresses);
      return peers;
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

  private static InetAddress loopback(int last) throws UnknownHostException {
    return InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) last});
  }

  private Peers peers() {
    return requireNonNull(peers);
  }

  private void register(String id) {
    registry.register(Instances.up("DEMO", id, 90), Origin.CLIENT);
  }

  private PeerStatus status() {
    List<PeerStatus> statuses = peers().statuses();
    return statuses.get(0);
  }

  private void awaitStates(LinkState... states) {
    await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(peers().statuses())
            .extracting(PeerStatus::state)
            .containsExactlyInAnyOrder(states));
  }

  private void awaitFailure(String reason) {
    await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(peers().statuses())
            .singleElement()
            .satisfies(each -> assertThat(each.lastFailure()).contains(reason)));
  }

  /** Waits until the peer has accepted everything. */
  private void awaitAccepted(long batches) {
    await().atMost(LIMIT).until(() -> status().counters().batches() >= batches);
    assertThat(status().lastFailure()).isNull();
  }

  private List<FakeRequest> batches() {
    return peer.requests.stream().filter(FakeRequest::hasItems).toList();
  }

  // ---------------------------------------------------------------- failures of one link

  @Test
  void send_peerNeverResponds_isDownAndTriesAgain() {
    peer.otherwise = (request, out) -> {};

    start(url());

    awaitFailure("no response from");
    await().atMost(LIMIT).until(() -> peer.requests.size() >= 2);
    assertThat(status().state()).isEqualTo(LinkState.DOWN);
  }

  /** Regression: the kernel went on to deliver the request, possibly after later ones. */
  @Test
  void send_peerNeverResponds_discardsTheRequest() throws IOException {
    try (ServerSocket hanging = new ServerSocket(0, 50, loopback(1))) {
      hanging.setSoTimeout((int) LIMIT.toMillis());
      start(URI.create("http://127.0.0.1:" + hanging.getLocalPort() + "/eureka"));
      try (Socket first = hanging.accept()) {
        first.setSoTimeout((int) LIMIT.toMillis());
        awaitFailure("no response from");

        assertThatThrownBy(() -> first.getInputStream().readAllBytes())
            .isInstanceOf(SocketException.class)
            .hasMessageContaining("reset");
      }
    }
  }

  /** Regression: the reason was repeated at its end. */
  @Test
  void probe_peerDoesNotListen_reasonIsStatedOnce() throws Exception {
    URI url = url();
    peer.close();

    start(url);

    awaitFailure("Connection refused");
    assertThat(status().lastFailure()).containsOnlyOnce("cannot connect to");
  }

  @Test
  void send_peerHangs_keepsOneBatchAndASlotForEachLease() throws Exception {
    for (int i = 0; i < LEASES; i++) {
      register("i-" + i);
    }
    RenewedSlots renewed = renewals.add(loops.next());
    create(settings(60_000, TlsFiles.NONE, url())).start(1);
    awaitStates(LinkState.UP);
    awaitAccepted(LEASES / ReplicationQueue.ITEMS_MAX);
    peer.otherwise = (request, out) -> {};
    int before = batches().size();

    for (int i = 0; i < 50; i++) {
      loops.submit(() -> renewAll(renewed)).get();
    }
    // The batch in flight has left the due slots, and all but it may have been renewed again.
    await().atMost(LIMIT).until(() -> batches().size() > before);
    await().atMost(LIMIT).until(() -> status().dueSlots() >= LEASES - ReplicationQueue.ITEMS_MAX);

    assertThat(status().dueSlots()).isLessThanOrEqualTo(LEASES);
    assertThat(batches()).hasSize(before + 1);
  }

  private void renewAll(RenewedSlots renewed) {
    for (int i = 0; i < LEASES; i++) {
      registry
          .renewal()
          .renew(
              LookupKey.of(new InstanceKey("DEMO", "i-" + i)),
              clock.monotonicNs(),
              Registry.NO_TIMESTAMP,
              Origin.CLIENT,
              renewed);
    }
  }

  @Test
  void send_peerIsOverloaded_triesAgainAfterASecond() {
    start(url());
    awaitStates(LinkState.UP);
    peer.scripts.add(FakePeer.status(503));
    long beganNs = System.nanoTime();

    register("i-1");

    awaitAccepted(1);
    assertThat(System.nanoTime() - beganNs).isGreaterThan(TimeUnit.SECONDS.toNanos(1));
    assertThat(batches()).hasSize(2);
  }

  @Test
  void send_peerClosesAfterEachResponse_isNoFailure() {
    peer.otherwise = (request, out) -> {
      FakePeer.accept(request, out);
      throw new IOException("close");
    };
    start(url());
    awaitStates(LinkState.UP);

    register("i-1");
    awaitAccepted(1);
    register("i-2");
    awaitAccepted(2);

    assertThat(status().counters().batchesFailed()).isZero();
  }

  @Test
  void send_peerClosesWithinAResponse_sendsTheBatchAgain() {
    start(url());
    awaitStates(LinkState.UP);
    peer.scripts.add((request, out) -> {
      out.write("HTTP/1.1 200 x\r\nContent-Length: 100\r\n\r\n{\"respon"
          .getBytes(StandardCharsets.US_ASCII));
      throw new IOException("close");
    });

    register("i-1");

    awaitAccepted(1);
    assertThat(batches()).hasSize(2).allSatisfy(b -> assertThat(b.body()).contains("i-1"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"responseList\":[]}",
        "{\"responseList\":[{\"statusCode\":200},{\"statusCode\":200}]}",
        "{}",
        "<html>",
        ""
      })
  void send_resultsDoNotMatchTheItems_sendsTheBatchAgain(String results) {
    start(url());
    awaitStates(LinkState.UP);
    peer.scripts.add((request, out) -> FakePeer.write(out, 200, "", results));

    register("i-1");

    awaitAccepted(1);
    assertThat(status().counters().batchesFailed()).isEqualTo(1);
    assertThat(batches()).hasSize(2);
  }

  @Test
  void send_oneItemIsRefused_dropsOnlyThatItem() {
    start(url());
    awaitStates(LinkState.UP);
    peer.otherwise = (request, out) -> {
      if (request.body().contains("poison")) {
        FakePeer.write(out, 400, "", "");
      } else {
        FakePeer.accept(request, out);
      }
    };

    for (int i = 0; i < 20; i++) {
      register(i == 7 ? "poison" : "i-" + i);
    }

    await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(status().counters().failed()).isEqualTo(1));
    await()
        .atMost(LIMIT)
        .until(() -> batches().stream().anyMatch(b -> accepts(b, "\"id\":\"i-19\"")));
    for (int i = 0; i < 20; i++) {
      String id = "\"id\":\"i-" + i + "\"";
      assertThat(batches()).anyMatch(b -> id.contains("i-7\"") || accepts(b, id));
    }
    assertThat(status().state()).isEqualTo(LinkState.UP);
  }

  /** A change was lost when its request was damaged on its way, or the peer failed once. */
  @Test
  void send_oneItemIsRefusedOnce_isSentAgain() {
    start(url());
    awaitStates(LinkState.UP);
    peer.otherwise = (request, out) -> {
      if (batches().size() == 1 && request.hasItems()) {
        FakePeer.write(out, 400, "", "");
      } else {
        FakePeer.accept(request, out);
      }
    };

    register("i-1");

    awaitAccepted(1);
    assertThat(batches()).hasSize(2);
    assertThat(status().counters().failed()).isZero();
  }

  private static boolean accepts(FakeRequest batch, String id) {
    return batch.body().contains(id) && !batch.body().contains("poison");
  }

  /** The link stayed as it was for ever, and so did other links. */
  @Test
  void probe_handlerThrows_linkRecovers() {
    clockFailures.set(1);
    register("i-1");

    start(url());

    awaitStates(LinkState.UP);
    assertThat(clockFailures).hasValue(0);
    register("i-2");
    awaitAccepted(1);
  }

  /** The items of the batch were lost. */
  @Test
  void send_handlerThrows_peerIsComparedAgain() {
    start(url());
    awaitStates(LinkState.UP);
    clockFailures.set(1);

    register("i-1");

    await().atMost(LIMIT).until(() -> status().counters().comparisons() == 2);
    await().atMost(LIMIT).until(() -> status().counters().batches() >= 1);
    assertThat(batches()).allSatisfy(b -> assertThat(b.body()).contains("i-1"));
  }

  /** Every attempt was logged, and followed the one before without a growing delay. */
  @Test
  void compare_failsAfterEachProbe_warnsOnceAndShowsTheReason() {
    List<String> warnings = capture(Level.WARN, () -> {
      peer.otherwise = (request, out) -> {
        if (request.isBatch()) {
          FakePeer.accept(request, out);
        } else {
          FakePeer.write(out, 500, "", "");
        }
      };
      start(url());
      await()
          .atMost(LIMIT)
          .until(() -> peer.requests.stream().filter(each -> !each.isBatch()).count() >= 3);
      awaitFailure("comparison failed: status 500");
    });

    assertThat(warnings).filteredOn(each -> each.contains(url().toString())).hasSize(1);
  }

  /** A stock server without instances refuses reads at first, and was not replicated to. */
  @Test
  void compare_peerShowsNoRegistryYet_registersWhatWasRegisteredHere() {
    peer.otherwise = (request, out) -> {
      if (request.isBatch()) {
        FakePeer.accept(request, out);
      } else {
        FakePeer.write(out, 403, "", "");
      }
    };
    register("i-1");

    start(url());

    awaitStates(LinkState.UP);
    awaitAccepted(1);
    assertThat(batches()).first().satisfies(b -> assertThat(b.body()).contains("Register", "i-1"));
  }

  /** Returns the messages of links that are logged while an action runs. */
  private static List<String> capture(Level level, Runnable action) {
    Logger logger = (Logger) LoggerFactory.getLogger(Peers.class.getPackageName());
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

  @Test
  void probe_isUnauthorized_isDownUntilItIsAccepted() {
    peer.otherwise = FakePeer.status(401);
    start(url());
    awaitFailure("status 401");
    assertThat(status().state()).isEqualTo(LinkState.DOWN);

    peer.otherwise = FakePeer::accept;

    awaitStates(LinkState.UP);
  }

  /** The read timeout alone would never end this: a byte arrives before each. */
  @Test
  void send_responseNeverEnds_fails() {
    peer.otherwise = (request, out) -> {
      out.write(
          "HTTP/1.1 200 x\r\nContent-Length: 1000000\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      writeSlowly(out);
    };

    start(url());

    awaitFailure("no response from");
  }

  private static void writeSlowly(OutputStream out) throws IOException {
    try {
      while (true) {
        out.write(' ');
        out.flush();
        Thread.sleep(TIMEOUT_MS / 6);
      }
    } catch (InterruptedException stopped) {
      throw new IOException(stopped);
    }
  }

  @Test
  void send_responseIsTooLarge_fails() {
    peer.otherwise = (request, out) -> out.write(
        "HTTP/1.1 200 x\r\nContent-Length: 8388609\r\n\r\n{".getBytes(StandardCharsets.US_ASCII));

    start(url());

    awaitFailure("exceeds 8388608 bytes");
  }

  // ---------------------------------------------------------------- start

  @ParameterizedTest
  @ValueSource(strings = {"garbage", "truncated", "malformed", "half", "hangs", "500", "empty"})
  void load_registryIsUnusable_returnsWithinTheTimeout(String kind) {
    peer.otherwise = (request, out) -> unusable(kind, out);
    long beganNs = System.nanoTime();

    boolean isLoaded = create(settings(TIMEOUT_MS, TlsFiles.NONE, url())).load();

    assertThat(isLoaded).isFalse();
    assertThat(System.nanoTime() - beganNs).isLessThan(TimeUnit.SECONDS.toNanos(10));
  }

  /** The instances before the error were registered, and served as the registry. */
  @Test
  void load_registryIsMalformedAfterAnInstance_registersNone() {
    Application application = new Application("DEMO", List.of(Instances.up("DEMO", "i-1", 90)));
    byte[] whole = new JsonCodec()
        .encodeApplications(new Applications("1", "UP_1_", List.of(application)), Form.FULL);
    String malformed =
        new String(whole, StandardCharsets.UTF_8).replaceFirst("\\}\\]\\}\\]", "},7");
    assertThat(malformed).contains("i-1").endsWith("},7}}");
    peer.otherwise = (request, out) -> FakePeer.write(out, 200, "", malformed);

    boolean isLoaded = create(settings(TIMEOUT_MS, TlsFiles.NONE, url())).load();

    assertThat(isLoaded).isFalse();
    assertThat(registry.leaseCount()).isZero();
  }

  private static void unusable(String kind, OutputStream out) throws IOException {
    String gzip = "Content-Encoding: gzip\r\n";
    switch (kind) {
      case "garbage" -> FakePeer.write(out, 200, gzip, "this is not compressed");
      case "truncated" -> {
        byte[] whole = gzip(FakePeer.EMPTY_REGISTRY.repeat(100));
        FakePeer.write(out, 200, gzip, Arrays.copyOf(whole, whole.length / 2));
      }
      case "malformed" -> FakePeer.write(out, 200, "", "{\"applications\":[1,");
      case "half" -> {
        out.write("HTTP/1.1 200 x\r\nContent-Length: 100\r\n\r\n{\"applications\""
            .getBytes(StandardCharsets.US_ASCII));
        throw new IOException("close");
      }
      case "500" -> FakePeer.write(out, 500, "", "");
      case "empty" -> FakePeer.write(out, 200, "", "");
      default -> {
        // No response.
      }
    }
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return out.toByteArray();
  }

  @Test
  void load_firstPeerIsUnusable_loadsFromTheNext() throws IOException {
    FakePeer second = open(new FakePeer());
    peer.otherwise = FakePeer.status(503);

    boolean isLoaded = create(settings(
            TIMEOUT_MS,
            TlsFiles.NONE,
            url(),
            URI.create("http://127.0.0.1:" + second.port() + "/eureka")))
        .load();

    assertThat(isLoaded).isTrue();
  }

  // ---------------------------------------------------------------- addresses and identities

  @Test
  void name_withTwoAddresses_hasALinkToEach() throws IOException {
    FakePeer second =
        open(new FakePeer(ServerSocketFactory.getDefault(), "127.0.0.2", peer.port()));
    start(URI.create("http://two.test:" + peer.port() + "/eureka"));
    awaitStates(LinkState.UP, LinkState.UP);

    register("i-1");

    await().atMost(LIMIT).until(() -> !batches().isEmpty());
    await().atMost(LIMIT).until(() -> second.requests.stream().anyMatch(FakeRequest::hasItems));
  }

  @Test
  void url_ofThisNode_isNotReplicatedTo() {
    peer.otherwise = (request, out) -> identified(request, out, NODE_ID);
    start(url());
    awaitStates(LinkState.SELF);

    register("i-1");
    peers().refresh();

    awaitStates(LinkState.SELF);
    assertThat(batches()).isEmpty();
  }

  @Test
  void node_underTwoNames_hasOneLink() {
    peer.otherwise = (request, out) -> identified(request, out, "node-2");
    start(url(), URI.create("http://another.test:" + peer.port() + "/v2"));
    register("i-1");

    awaitStates(LinkState.UP, LinkState.DUPLICATE);
  }

  /** Both links compared at the same time, and both replicated to the node. */
  @Test
  void node_underTwoNamesBeingCompared_hasOneLink() throws Exception {
    CountDownLatch compared = new CountDownLatch(1);
    peer.otherwise = (request, out) -> {
      if (!request.isBatch()) {
        awaitLatch(compared);
      }
      identified(request, out, "node-2");
    };
    create(settings(
            60_000, TlsFiles.NONE, url(), URI.create("http://another.test:" + peer.port() + "/v2")))
        .start(1);

    awaitStates(LinkState.COMPARING, LinkState.DUPLICATE);
    compared.countDown();

    awaitStates(LinkState.UP, LinkState.DUPLICATE);
  }

  private static void awaitLatch(CountDownLatch latch) throws IOException {
    try {
      latch.await();
    } catch (InterruptedException stopped) {
      throw new IOException(stopped);
    }
  }

  @Test
  void name_withMoreAddressesThanLinks_warnsAndHasAsManyAsPossible() {
    List<String> warnings = capture(Level.WARN, () -> {
      start(URI.create("http://many.test:" + peer.port() + "/eureka"));
      await().atMost(LIMIT).until(() -> peers().statuses().size() == PeerUrls.PEERS_MAX);
    });

    assertThat(warnings).anyMatch(each -> each.contains("more than 64 addresses of peers"));
  }

  private static void identified(FakeRequest request, OutputStream out, String nodeId)
      throws IOException {
    FakePeer.write(
        out,
        200,
        "Systole-Node: " + nodeId + "\r\n",
        request.isBatch() ? FakePeer.results(request.itemCount()) : FakePeer.EMPTY_REGISTRY);
  }

  // ---------------------------------------------------------------- credentials and TLS

  @Test
  void credentials_areSentAndNeverShown() {
    Logger root = (Logger) LoggerFactory.getLogger("io.systole");
    Level level = root.getLevel();
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    root.addAppender(log);
    root.setLevel(Level.TRACE);
    try {
      peer.otherwise = FakePeer.status(503);
      start(URI.create("http://user:secret@127.0.0.1:" + peer.port() + "/eureka"));
      awaitFailure("503");
      peer.otherwise = FakePeer::accept;
      awaitStates(LinkState.UP);
      PeerStatus status = status();
      peers().close();

      String encoded =
          Base64.getEncoder().encodeToString("user:secret".getBytes(StandardCharsets.UTF_8));
      assertThat(peer.requests)
          .isNotEmpty()
          .allSatisfy(each ->
              assertThat(each.head()).containsIgnoringCase("authorization: Basic " + encoded));
      assertThat(status.toString()).doesNotContain("secret", encoded);
      assertThat(List.copyOf(log.list))
          .isNotEmpty()
          .allSatisfy(
              event -> assertThat(event.getFormattedMessage()).doesNotContain("secret", encoded));
    } finally {
      root.detachAppender(log);
      root.setLevel(level);
    }
  }

  /** The link with the former password would have stayed, besides the new one. */
  @Test
  void credentials_changedInTheFile_replaceTheLink() throws IOException {
    Path file = Files.writeString(directory.resolve("peers"), withPassword("old"));
    create(new PeerSettings(List.of(), file, TIMEOUT_MS, TlsFiles.NONE, false)).start(1);
    awaitStates(LinkState.UP);

    Files.writeString(file, withPassword("new"));
    peers().refresh();

    String encoded =
        Base64.getEncoder().encodeToString("user:new".getBytes(StandardCharsets.UTF_8));
    await()
        .atMost(LIMIT)
        .until(() -> peer.requests.stream().anyMatch(each -> each.head().contains(encoded)));
    awaitStates(LinkState.UP);
  }

  private String withPassword(String password) {
    return "http://user:" + password + "@127.0.0.1:" + peer.port() + "/eureka";
  }

  @Test
  void peer_withTrustedCertificate_isUpAndAnotherIsNot() throws Exception {
    PeerCertificate trusted = new PeerCertificate(directory, "trusted");
    PeerCertificate other = new PeerCertificate(directory, "other");
    FakePeer first = open(new FakePeer(trusted.sockets(), "127.0.0.1", 0));
    FakePeer second = open(new FakePeer(other.sockets(), "127.0.0.1", 0));

    create(settings(
            5_000,
            TlsFiles.trusting(trusted.writePem()),
            URI.create("https://127.0.0.1:" + first.port() + "/eureka"),
            URI.create("https://127.0.0.1:" + second.port() + "/eureka")))
        .start(1);

    awaitStates(LinkState.UP, LinkState.DOWN);
    await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(peers().statuses())
            .filteredOn(each -> each.state() == LinkState.DOWN)
            .singleElement()
            .satisfies(each -> assertThat(each.lastFailure()).contains("certif")));
    assertThat(second.requests).isEmpty();
  }
}
