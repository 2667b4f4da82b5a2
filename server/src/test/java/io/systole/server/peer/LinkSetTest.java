// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import static io.systole.server.peer.PeerRig.eventually;
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
  private PeerRig rig;

  @BeforeEach
  void open() throws IOException {
    rig = new PeerRig();
  }

  @AfterEach
  void stop() throws Exception {
    rig.stop();
  }

  @Test
  void name_withTwoAddresses_hasALinkToEach() throws IOException {
    FakePeer second =
        rig.open(new FakePeer(ServerSocketFactory.getDefault(), "127.0.0.2", rig.peer.port()));
    rig.start(URI.create("http://two.test:" + rig.peer.port() + "/eureka"));
    rig.awaitStates(LinkState.UP, LinkState.UP);

    rig.register("i-1");

    eventually().until(() -> !rig.batches().isEmpty());
    eventually().until(() -> second.requests.stream().anyMatch(FakeRequest::hasItems));
  }

  @Test
  void url_ofThisNode_isNotReplicatedTo() {
    rig.peer.otherwise = (request, out) -> identified(request, out, PeerRig.NODE_ID);
    rig.start(rig.url());
    rig.awaitStates(LinkState.SELF);

    rig.register("i-1");
    rig.peers().refresh();

    rig.awaitStates(LinkState.SELF);
    assertThat(rig.batches()).isEmpty();
  }

  @Test
  void node_underTwoNames_hasOneLink() {
    rig.peer.otherwise = (request, out) -> identified(request, out, "node-2");
    rig.start(rig.url(), URI.create("http://another.test:" + rig.peer.port() + "/v2"));
    rig.register("i-1");

    rig.awaitStates(LinkState.UP, LinkState.DUPLICATE);
  }

  /** Regression: the link to the node that had the id was ended, without a word of the other. */
  @Test
  void nodeId_sentByAnotherAddress_bothAreReplicatedTo() throws IOException {
    rig.peer.otherwise = (request, out) -> identified(request, out, "node-2");
    FakePeer second = rig.open(new FakePeer());
    second.otherwise = rig.peer.otherwise;

    List<String> warnings = PeerRig.capture(":" + rig.peer.port(), Level.WARN, () -> {
      rig.start(rig.url(), PeerRig.url(second));
      rig.awaitStates(LinkState.UP, LinkState.UP);
      rig.register("i-1");
      eventually().until(() -> !rig.batches().isEmpty());
      eventually().until(() -> second.requests.stream().anyMatch(FakeRequest::hasItems));
    });

    assertThat(warnings)
        .filteredOn(each -> each.contains("two addresses send the same node id"))
        .isNotEmpty()
        .allSatisfy(each -> assertThat(each).contains(":" + rig.peer.port(), ":" + second.port()));
  }

  /** Both links compared at the same time, and both replicated to the node. */
  @Test
  void node_underTwoNamesBeingCompared_hasOneLink() throws Exception {
    CountDownLatch compared = new CountDownLatch(1);
    rig.peer.otherwise = (request, out) -> {
      if (!request.isBatch()) {
        awaitLatch(compared);
      }
      identified(request, out, "node-2");
    };
    rig.create(PeerRig.settings(
            60_000,
            TlsFiles.NONE,
            rig.url(),
            URI.create("http://another.test:" + rig.peer.port() + "/v2")))
        .start(1);

    rig.awaitStates(LinkState.COMPARING, LinkState.DUPLICATE);
    compared.countDown();

    rig.awaitStates(LinkState.UP, LinkState.DUPLICATE);
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
    List<String> warnings = PeerRig.capture(":" + rig.peer.port(), Level.WARN, () -> {
      rig.start(URI.create("http://many.test:" + rig.peer.port() + "/eureka"));
      eventually().until(() -> rig.peers().statuses().size() == PeerUrls.PEERS_MAX);
    });

    assertThat(warnings).anyMatch(each -> each.contains("more than 64 addresses of peers"));
  }

  /** Each of the addresses was logged every 30 s. */
  @Test
  void name_withMoreAddressesThanLinksResolvedAgain_warnsOnce() {
    List<String> warnings = PeerRig.capture(":" + rig.peer.port(), Level.WARN, () -> {
      rig.start(URI.create("http://many.test:" + rig.peer.port() + "/eureka"));
      eventually().until(() -> rig.peers().statuses().size() == PeerUrls.PEERS_MAX);
      for (int i = 0; i < 3; i++) {
        List<PeerStatus> before = rig.peers().statuses();
        AtomicInteger published = new AtomicInteger();
        rig.peers().onLinks(links -> published.getAndIncrement());
        rig.peers().refresh();
        // Once for the configured servers, once for the addresses.
        eventually().until(() -> published.get() >= 2);
        assertThat(rig.peers().statuses()).hasSameSizeAs(before);
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
