// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.client.api.TlsFiles;
import io.systole.protocol.codec.Form;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.model.Application;
import io.systole.protocol.model.Applications;
import io.systole.server.net.BufferLeakExtension;
import io.systole.server.registry.Instances;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The load of a registry from peers that hang, fail or respond wrongly, over loopback. */
@ExtendWith(BufferLeakExtension.class)
class StartupLoaderTest {
  private PeerRig rig;

  @BeforeEach
  void open() throws IOException {
    rig = new PeerRig();
  }

  @AfterEach
  void stop() throws Exception {
    rig.stop();
  }

  @ParameterizedTest
  @ValueSource(strings = {"garbage", "truncated", "malformed", "half", "hangs", "500", "empty"})
  void load_registryIsUnusable_returnsWithinTheTimeout(String kind) {
    rig.peer.otherwise = (request, out) -> unusable(kind, out);
    long beganNs = System.nanoTime();

    boolean isLoaded = load(PeerRig.TIMEOUT_MS, rig.peer);

    assertThat(isLoaded).isFalse();
    assertThat(System.nanoTime() - beganNs).isLessThan(TimeUnit.SECONDS.toNanos(10));
  }

  /** The instances before the error were registered, and served as the registry. */
  @Test
  void load_registryIsMalformedAfterAnInstance_registersNone() {
    String malformed = registryOf("i-1").replaceFirst("\\}\\]\\}\\]", "},7");
    assertThat(malformed).contains("i-1").endsWith("},7}}");
    rig.peer.otherwise = (request, out) -> FakePeer.write(out, 200, "", malformed);

    boolean isLoaded = load(PeerRig.TIMEOUT_MS, rig.peer);

    assertThat(isLoaded).isFalse();
    assertThat(rig.registry.leaseCount()).isZero();
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
    FakePeer second = rig.open(new FakePeer());
    rig.peer.otherwise = FakePeer.status(503);

    boolean isLoaded = load(PeerRig.TIMEOUT_MS, rig.peer, second);

    assertThat(isLoaded).isTrue();
  }

  // ---------------------------------------------------------------- the order of the peers

  /** The list of the stock server was loaded, which may be 30 s old. */
  @Test
  void load_systoleNodeAfterAStockServer_loadsFromTheSystoleNode() throws IOException {
    rig.peer.otherwise = returning("", "old");
    FakePeer systole = systoleNode("new");

    boolean isLoaded = load(PeerRig.TIMEOUT_MS, rig.peer, systole);

    assertThat(isLoaded).isTrue();
    assertThat(loaded()).containsExactly("new");
  }

  @Test
  void load_systoleNodeFailsAfterTheHead_loadsFromTheStockServer() throws IOException {
    rig.peer.otherwise = returning("", "old");
    FakePeer systole = systoleNode("new");
    systole.scripts.add(FakePeer.status(500));

    boolean isLoaded = load(PeerRig.TIMEOUT_MS, rig.peer, systole);

    assertThat(isLoaded).isTrue();
    assertThat(loaded()).containsExactly("old");
  }

  @Test
  void load_systoleNodeIsNotReady_loadsFromTheStockServer() throws IOException {
    rig.peer.otherwise = returning("", "old");
    FakePeer systole = rig.open(new FakePeer());
    systole.otherwise = FakePeer.status(403);

    boolean isLoaded = load(PeerRig.TIMEOUT_MS, systole, rig.peer);

    assertThat(isLoaded).isTrue();
    assertThat(loaded()).containsExactly("old");
  }

  @Test
  void load_anotherPeerHangs_loadsFromTheStockServerWithinTheTimeout() throws IOException {
    rig.peer.otherwise = returning("", "old");
    long beganNs = System.nanoTime();

    boolean isLoaded = load(PeerRig.TIMEOUT_MS, rig.peer, hanging());

    assertThat(isLoaded).isTrue();
    assertThat(loaded()).containsExactly("old");
    assertThat(System.nanoTime() - beganNs).isLessThan(TimeUnit.SECONDS.toNanos(10));
  }

  @Test
  void load_anotherPeerHangs_isNotWaitedForIfASystoleNodeResponds() throws IOException {
    FakePeer systole = systoleNode("new");
    long beganNs = System.nanoTime();

    boolean isLoaded = load(60_000, hanging(), systole);

    assertThat(isLoaded).isTrue();
    assertThat(loaded()).containsExactly("new");
    assertThat(System.nanoTime() - beganNs).isLessThan(TimeUnit.SECONDS.toNanos(10));
  }

  @Test
  void load_onePeer_isNotProbed() {
    boolean isLoaded = load(PeerRig.TIMEOUT_MS, rig.peer);

    assertThat(isLoaded).isTrue();
    assertThat(rig.peer.requests)
        .singleElement()
        .satisfies(request -> assertThat(request.head()).startsWith("GET "));
  }

  private boolean load(int timeoutMs, FakePeer... peers) {
    URI[] urls = Stream.of(peers).map(PeerRig::url).toArray(URI[]::new);
    return rig.create(PeerRig.settings(timeoutMs, TlsFiles.NONE, urls)).load();
  }

  private FakePeer systoleNode(String id) throws IOException {
    FakePeer node = rig.open(new FakePeer());
    node.otherwise = returning("Systole-Version: 7\r\n", id);
    return node;
  }

  private FakePeer hanging() throws IOException {
    FakePeer peer = rig.open(new FakePeer());
    peer.otherwise = (request, out) -> {};
    return peer;
  }

  private static FakePeer.Script returning(String fields, String id) {
    return (request, out) -> FakePeer.write(out, 200, fields, registryOf(id));
  }

  private static String registryOf(String id) {
    Application application = new Application("DEMO", List.of(Instances.up("DEMO", id, 90)));
    byte[] document = new JsonCodec()
        .encodeApplications(new Applications("1", "UP_1_", List.of(application)), Form.FULL);
    return new String(document, StandardCharsets.UTF_8);
  }

  private List<String> loaded() {
    List<String> ids = new ArrayList<>();
    rig.registry.forEachLease(lease -> ids.add(lease.instance().id()));
    return ids;
  }
}
