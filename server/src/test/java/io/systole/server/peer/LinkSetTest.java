// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import static io.systole.server.peer.PeerFixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.systole.client.api.TlsFiles;
import io.systole.server.net.BufferLeakExtension;
import io.systole.server.peer.FakePeer.FakeRequest;
import io.systole.server.peer.PeerStatus.LinkState;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ServerSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Links to names with several addresses, to one node under several names, and to this node. */
@ExtendWith(BufferLeakExtension.class)
class LinkSetTest {
  private PeerFixture fixture;

  @BeforeEach
  void open() throws IOException {
    fixture = new PeerFixture();
  }

  @AfterEach
  void stop() throws Exception {
    fixture.stop();
  }

  @Test
  void name_withTwoAddresses_hasALinkToEach() throws IOException {
    FakePeer second = fixture.open(
        new FakePeer(ServerSocketFactory.getDefault(), "127.0.0.2", fixture.peer.port()));
    fixture.start(URI.create("http://two.test:" + fixture.peer.port() + "/eureka"));
    fixture.awaitStates(LinkState.UP, LinkState.UP);

    fixture.register("i-1");

    eventually().until(() -> !fixture.batches().isEmpty());
    eventually().until(() -> second.requests.stream().anyMatch(FakeRequest::hasItems));
  }

  @Test
  void url_ofThisNode_isNotReplicatedTo() {
    fixture.peer.otherwise = (request, out) -> identified(request, out, PeerFixture.NODE_ID);
    fixture.start(fixture.url());
    fixture.awaitStates(LinkState.SELF);

    fixture.register("i-1");
    fixture.peers().refresh();

    fixture.awaitStates(LinkState.SELF);
    assertThat(fixture.batches()).isEmpty();
  }

  @Test
  void node_underTwoNames_hasOneLink() {
    fixture.peer.otherwise = (request, out) -> identified(request, out, "node-2");
    fixture.start(fixture.url(), URI.create("http://another.test:" + fixture.peer.port() + "/v2"));
    fixture.register("i-1");

    fixture.awaitStates(LinkState.UP, LinkState.DUPLICATE);
  }

  /** Regression: the link to the node that had the id was ended, without a word of the other. */
  @Test
  void nodeId_sentByAnotherAddress_bothAreReplicatedTo() throws IOException {
    fixture.peer.otherwise = (request, out) -> identified(request, out, "node-2");
    FakePeer second = fixture.open(new FakePeer());
    second.otherwise = fixture.peer.otherwise;

    List<String> warnings = PeerFixture.capture(":" + fixture.peer.port(), Level.WARN, () -> {
      fixture.start(fixture.url(), PeerFixture.url(second));
      fixture.awaitStates(LinkState.UP, LinkState.UP);
      fixture.register("i-1");
      eventually().until(() -> !fixture.batches().isEmpty());
      eventually().until(() -> second.requests.stream().anyMatch(FakeRequest::hasItems));
    });

    assertThat(warnings)
        .filteredOn(each -> each.contains("two addresses send the same node id"))
        .isNotEmpty()
        .allSatisfy(
            each -> assertThat(each).contains(":" + fixture.peer.port(), ":" + second.port()));
  }

  /** Both links compared at the same time, and both replicated to the node. */
  @Test
  void node_underTwoNamesBeingCompared_hasOneLink() throws Exception {
    CountDownLatch compared = new CountDownLatch(1);
    fixture.peer.otherwise = (request, out) -> {
      if (!request.isBatch()) {
        awaitLatch(compared);
      }
      identified(request, out, "node-2");
    };
    fixture
        .create(PeerFixture.settings(
            60_000,
            TlsFiles.NONE,
            fixture.url(),
            URI.create("http://another.test:" + fixture.peer.port() + "/v2")))
        .start(1);

    fixture.awaitStates(LinkState.COMPARING, LinkState.DUPLICATE);
    compared.countDown();

    fixture.awaitStates(LinkState.UP, LinkState.DUPLICATE);
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
    List<String> warnings = PeerFixture.capture(":" + fixture.peer.port(), Level.WARN, () -> {
      fixture.start(URI.create("http://many.test:" + fixture.peer.port() + "/eureka"));
      eventually().until(() -> fixture.peers().statuses().size() == PeerUrls.PEERS_MAX);
    });

    assertThat(warnings).anyMatch(each -> each.contains("more than 64 addresses of peers"));
  }

  /** Each of the addresses was logged every 30 s. */
  @Test
  void name_withMoreAddressesThanLinksResolvedAgain_warnsOnce() {
    List<String> warnings = PeerFixture.capture(":" + fixture.peer.port(), Level.WARN, () -> {
      fixture.start(URI.create("http://many.test:" + fixture.peer.port() + "/eureka"));
      eventually().until(() -> fixture.peers().statuses().size() == PeerUrls.PEERS_MAX);
      for (int i = 0; i < 3; i++) {
        List<PeerStatus> before = fixture.peers().statuses();
        AtomicInteger published = new AtomicInteger();
        fixture.peers().onLinks(links -> published.getAndIncrement());
        fixture.peers().refresh();
        // Once for the configured servers, once for the addresses.
        eventually().until(() -> published.get() >= 2);
        assertThat(fixture.peers().statuses()).hasSameSizeAs(before);
      }
    });

    assertThat(warnings)
        .filteredOn(each -> each.contains("more than 64 addresses of peers"))
        .singleElement()
        .asString()
        .endsWith("addresses=1");
  }

  private static void identified(FakeRequest request, OutputStream out, String nodeId)
      throws IOException {
    FakePeer.write(
        out,
        200,
        "Systole-Node: " + nodeId + "\r\n",
        request.isBatch() ? FakePeer.results(request.itemCount()) : FakePeer.EMPTY_REGISTRY);
  }
}
