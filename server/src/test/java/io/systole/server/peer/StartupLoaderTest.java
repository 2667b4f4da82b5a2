// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.systole.client.api.TlsFiles;
import io.systole.protocol.codec.Form;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.model.Application;
import io.systole.protocol.model.Applications;
import io.systole.server.net.BufferLeakExtension;
import io.systole.server.peer.FakePeer.FakeRequest;
import io.systole.server.registry.ByteBounds;
import io.systole.server.registry.Instances;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import javax.net.ServerSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The load of a registry from peers that hang, fail or respond wrongly, over loopback. */
@ExtendWith(BufferLeakExtension.class)
class StartupLoaderTest {
  private PeerFixture fixture;

  @BeforeEach
  void open() throws IOException {
    fixture = new PeerFixture();
  }

  @AfterEach
  void stop() throws Exception {
    fixture.stop();
  }

  @ParameterizedTest
  @ValueSource(strings = {"garbage", "truncated", "malformed", "half", "hangs", "500", "empty"})
  void load_registryIsUnusable_returnsWithinTheTimeout(String kind) {
    fixture.peer.otherwise = (request, out) -> unusable(kind, out);
    long beganNs = System.nanoTime();

    boolean isLoaded = load(PeerFixture.TIMEOUT_MS, fixture.peer);

    assertThat(isLoaded).isFalse();
    assertThat(System.nanoTime() - beganNs).isLessThan(TimeUnit.SECONDS.toNanos(30));
  }

  /** The instances before the error were registered, and served as the registry. */
  @Test
  void load_registryIsMalformedAfterAnInstance_registersNone() {
    String malformed = registryOf("i-1").replaceFirst("\\}\\]\\}\\]", "},7");
    assertThat(malformed).contains("i-1").endsWith("},7}}");
    fixture.peer.otherwise = (request, out) -> FakePeer.write(out, 200, "", malformed);

    boolean isLoaded = load(PeerFixture.AMPLE_TIMEOUT_MS, fixture.peer);

    assertThat(isLoaded).isFalse();
    assertThat(fixture.registry.leaseCount()).isZero();
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

  /** Each attempt was logged, as the reason was another one. */
  @Test
  void load_peerAlternatesItsStatus_logsOnce() {
    for (int i = 0; i < 10; i++) {
      fixture.peer.scripts.add(FakePeer.status(500 + i % 2));
    }
    Peers peers = fixture.create(
        PeerFixture.settings(PeerFixture.AMPLE_TIMEOUT_MS, TlsFiles.NONE, fixture.url()));

    List<String> lines = PeerFixture.capture(fixture.url().toString(), Level.INFO, () -> {
      for (int i = 0; i < 10; i++) {
        assertThat(peers.load()).isFalse();
      }
    });

    assertThat(lines).singleElement().asString().contains("status 500");
  }

  @Test
  void load_firstPeerIsUnusable_loadsFromTheNext() throws IOException {
    FakePeer second = fixture.open(new FakePeer());
    fixture.peer.otherwise = FakePeer.status(503);

    boolean isLoaded = load(PeerFixture.AMPLE_TIMEOUT_MS, fixture.peer, second);

    assertThat(isLoaded).isTrue();
  }

  // ---------------------------------------------------------------- limits

  /** All instances were decoded before the registry refused them; that exhausted the memory. */
  @Test
  void load_registryExceedsTheBytes_isRefusedWithAWarningAndTheNextLoaded() throws Exception {
    fixture.stop();
    fixture = new PeerFixture(new ByteBounds(64 * 1024, 2_000, Long.MAX_VALUE));
    fixture.peer.otherwise = returning("Systole-Version: 7\r\n", "i-1", "i-2", "i-3", "i-4");
    FakePeer second = fixture.open(new FakePeer());
    second.otherwise = returning("", "next");

    List<String> warnings = PeerFixture.capture(
        fixture.url().toString(),
        Level.WARN,
        () ->
            assertThat(load(PeerFixture.AMPLE_TIMEOUT_MS, fixture.peer, second)).isTrue());

    assertThat(loaded()).containsExactly("next");
    assertThat(warnings)
        .singleElement()
        .asString()
        .contains("registry not loaded from peer", "--max-registry-size 2000B");
  }

  @Test
  void load_registryHasTooManyInstances_registersNone() {
    String[] ids =
        IntStream.rangeClosed(0, PeerFixture.LEASES).mapToObj(i -> "i-" + i).toArray(String[]::new);
    fixture.peer.otherwise = returning("", ids);

    List<String> warnings = PeerFixture.capture(
        fixture.url().toString(),
        Level.WARN,
        () -> assertThat(load(PeerFixture.AMPLE_TIMEOUT_MS, fixture.peer)).isFalse());

    assertThat(fixture.registry.leaseCount()).isZero();
    assertThat(warnings).singleElement().asString().contains("--max-instances");
  }

  @Test
  void load_instanceIsTooLarge_loadsTheOthers() throws Exception {
    fixture.stop();
    fixture = new PeerFixture(new ByteBounds(1_000, Long.MAX_VALUE, Long.MAX_VALUE));
    fixture.peer.otherwise = returning("", "small", "large".repeat(1_000));

    assertThat(load(PeerFixture.AMPLE_TIMEOUT_MS, fixture.peer)).isTrue();

    assertThat(loaded()).containsExactly("small");
  }

  /** It delayed the start by 120 s. */
  @Test
  void load_currentPeerSendsWithoutEnd_loadsFromTheNext() throws IOException {
    fixture.peer.otherwise = StartupLoaderTest::trickle;
    FakePeer second = fixture.open(new FakePeer());
    second.otherwise = returning("", "next");
    Peers peers = fixture.create(PeerFixture.settings(
        PeerFixture.TIMEOUT_MS,
        TlsFiles.NONE,
        PeerFixture.url(fixture.peer),
        PeerFixture.url(second)));

    boolean isLoaded = peers.load(2_000);

    assertThat(isLoaded).isTrue();
    assertThat(loaded()).containsExactly("next");
  }

  @Test
  void load_onlyPeerSendsWithoutEnd_returnsWithinTheTimeout() {
    fixture.peer.otherwise = StartupLoaderTest::trickle;
    Peers peers = fixture.create(
        PeerFixture.settings(PeerFixture.TIMEOUT_MS, TlsFiles.NONE, PeerFixture.url(fixture.peer)));
    long beganNs = System.nanoTime();

    boolean isLoaded = peers.load(500);

    assertThat(isLoaded).isFalse();
    assertThat(System.nanoTime() - beganNs).isLessThan(TimeUnit.SECONDS.toNanos(30));
  }

  /** Sends a byte from time to time, so that no read times out. */
  private static void trickle(FakeRequest request, OutputStream out) throws IOException {
    String head = "HTTP/1.1 200 x\r\nSystole-Version: 7\r\nContent-Length: 100000\r\n\r\n";
    out.write(head.getBytes(StandardCharsets.US_ASCII));
    CountDownLatch never = new CountDownLatch(1);
    try {
      while (!request.isHead() && !never.await(PeerFixture.TIMEOUT_MS / 6, TimeUnit.MILLISECONDS)) {
        out.write(' ');
        out.flush();
      }
    } catch (InterruptedException stopped) {
      throw new IOException(stopped);
    }
  }

  /** All addresses were tried, one after the other. */
  @Test
  void load_nameHasManySilentAddresses_triesAsManyAsThereMayBeLinks() throws IOException {
    FakePeer silent = fixture.open(new FakePeer(ServerSocketFactory.getDefault(), "0.0.0.0", 0));
    silent.otherwise = (request, out) -> {};
    URI url = URI.create("http://many.test:" + silent.port() + "/eureka");
    Peers peers = fixture.create(PeerFixture.settings(60_000, TlsFiles.NONE, url));
    long beganNs = System.nanoTime();

    boolean isLoaded = peers.load(2_000);

    assertThat(isLoaded).isFalse();
    assertThat(System.nanoTime() - beganNs).isLessThan(TimeUnit.SECONDS.toNanos(30));
    assertThat(silent.requests).filteredOn(FakeRequest::isHead).hasSize(PeerUrls.PEERS_MAX);
  }

  // ---------------------------------------------------------------- the order of the peers

  @Test
  void load_peerWithoutResponse_isTriedAfterTheStockServer() throws IOException {
    FakePeer silent = hanging();
    fixture.peer.otherwise = returning("", "old");

    boolean isLoaded = load(PeerFixture.TIMEOUT_MS, silent, fixture.peer);

    assertThat(isLoaded).isTrue();
    assertThat(silent.requests).noneMatch(FakeRequest::isDocument);
  }

  /** The list of the stock server was loaded, which may be 30 s old. */
  @Test
  void load_systoleNodeAfterAStockServer_loadsFromTheSystoleNode() throws IOException {
    fixture.peer.otherwise = returning("", "old");
    FakePeer systole = systoleNode("new");

    boolean isLoaded = load(PeerFixture.AMPLE_TIMEOUT_MS, fixture.peer, systole);

    assertThat(isLoaded).isTrue();
    assertThat(loaded()).containsExactly("new");
  }

  @Test
  void load_systoleNodeFailsAfterTheHead_loadsFromTheStockServer() throws IOException {
    fixture.peer.otherwise = returning("", "old");
    FakePeer systole = systoleNode("new");
    systole.scripts.add(FakePeer.status(500));

    boolean isLoaded = load(PeerFixture.AMPLE_TIMEOUT_MS, fixture.peer, systole);

    assertThat(isLoaded).isTrue();
    assertThat(loaded()).containsExactly("old");
  }

  @Test
  void load_systoleNodeIsNotReady_loadsFromTheStockServer() throws IOException {
    fixture.peer.otherwise = returning("", "old");
    FakePeer systole = fixture.open(new FakePeer());
    systole.otherwise = FakePeer.status(403);

    boolean isLoaded = load(PeerFixture.AMPLE_TIMEOUT_MS, systole, fixture.peer);

    assertThat(isLoaded).isTrue();
    assertThat(loaded()).containsExactly("old");
  }

  @Test
  void load_anotherPeerHangs_loadsFromTheStockServerWithinTheTimeout() throws IOException {
    fixture.peer.otherwise = returning("", "old");
    long beganNs = System.nanoTime();

    boolean isLoaded = load(PeerFixture.TIMEOUT_MS, fixture.peer, hanging());

    assertThat(isLoaded).isTrue();
    assertThat(loaded()).containsExactly("old");
    assertThat(System.nanoTime() - beganNs).isLessThan(TimeUnit.SECONDS.toNanos(30));
  }

  @Test
  void load_anotherPeerHangs_isNotWaitedForIfASystoleNodeResponds() throws IOException {
    FakePeer systole = systoleNode("new");
    long beganNs = System.nanoTime();

    boolean isLoaded = load(60_000, hanging(), systole);

    assertThat(isLoaded).isTrue();
    assertThat(loaded()).containsExactly("new");
    assertThat(System.nanoTime() - beganNs).isLessThan(TimeUnit.SECONDS.toNanos(30));
  }

  @Test
  void load_onePeer_isNotProbed() {
    boolean isLoaded = load(PeerFixture.AMPLE_TIMEOUT_MS, fixture.peer);

    assertThat(isLoaded).isTrue();
    assertThat(fixture.peer.requests)
        .singleElement()
        .satisfies(request -> assertThat(request.head()).startsWith("GET "));
  }

  private boolean load(int timeoutMs, FakePeer... peers) {
    URI[] urls = Stream.of(peers).map(PeerFixture::url).toArray(URI[]::new);
    return fixture.create(PeerFixture.settings(timeoutMs, TlsFiles.NONE, urls)).load();
  }

  private FakePeer systoleNode(String id) throws IOException {
    FakePeer node = fixture.open(new FakePeer());
    node.otherwise = returning("Systole-Version: 7\r\n", id);
    return node;
  }

  private FakePeer hanging() throws IOException {
    FakePeer peer = fixture.open(new FakePeer());
    peer.otherwise = (request, out) -> {};
    return peer;
  }

  private static FakePeer.Script returning(String fields, String... ids) {
    String registry = registryOf(ids);
    return (request, out) -> FakePeer.write(out, 200, fields, registry);
  }

  private static String registryOf(String... ids) {
    Application application = new Application(
        "DEMO", Stream.of(ids).map(id -> Instances.up("DEMO", id, 90)).toList());
    byte[] document = new JsonCodec()
        .encodeApplications(new Applications("1", "UP_1_", List.of(application)), Form.FULL);
    return new String(document, StandardCharsets.UTF_8);
  }

  private List<String> loaded() {
    List<String> ids = new ArrayList<>();
    fixture.registry.forEachLease(lease -> ids.add(lease.instance().id()));
    return ids;
  }
}
