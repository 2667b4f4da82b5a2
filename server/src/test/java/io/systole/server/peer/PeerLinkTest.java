// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import static io.systole.server.peer.PeerRig.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import io.systole.client.api.TlsFiles;
import io.systole.protocol.model.InstanceKey;
import io.systole.server.net.BufferLeakExtension;
import io.systole.server.peer.FakePeer.FakeRequest;
import io.systole.server.peer.PeerStatus.LinkState;
import io.systole.server.registry.LeaseKey.LookupKey;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RenewedSlots;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A link to a peer that hangs, fails or responds wrongly, over loopback. */
@ExtendWith(BufferLeakExtension.class)
class PeerLinkTest {
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
  void send_peerNeverResponds_isDownAndTriesAgain() {
    rig.peer.otherwise = (request, out) -> {};

    rig.start(rig.url());

    rig.awaitFailure("no response from");
    eventually().until(() -> rig.peer.requests.size() >= 2);
    assertThat(rig.status().state()).isEqualTo(LinkState.DOWN);
  }

  /** Regression: the kernel went on to deliver the request, possibly after later ones. */
  @Test
  void send_peerNeverResponds_discardsTheRequest() throws IOException {
    try (ServerSocket hanging = new ServerSocket(0, 50, PeerRig.loopback(1))) {
      hanging.setSoTimeout((int) PeerRig.LIMIT.toMillis());
      rig.start(URI.create("http://127.0.0.1:" + hanging.getLocalPort() + "/eureka"));
      try (Socket first = hanging.accept()) {
        first.setSoTimeout((int) PeerRig.LIMIT.toMillis());
        rig.awaitFailure("no response from");

        assertThatThrownBy(() -> first.getInputStream().readAllBytes())
            .isInstanceOf(SocketException.class)
            .hasMessageContaining("reset");
      }
    }
  }

  /** Regression: the reason was repeated at its end. */
  @Test
  void probe_peerDoesNotListen_reasonIsStatedOnce() throws Exception {
    URI url = rig.url();
    rig.peer.close();

    rig.start(url);

    rig.awaitFailure("Connection refused");
    assertThat(rig.status().lastFailure()).containsOnlyOnce("cannot connect to");
  }

  @Test
  void send_peerHangs_keepsOneBatchAndASlotForEachLease() throws Exception {
    for (int i = 0; i < PeerRig.LEASES; i++) {
      rig.register("i-" + i);
    }
    RenewedSlots renewed = rig.renewals.add(rig.loops.next());
    rig.create(PeerRig.settings(60_000, TlsFiles.NONE, rig.url())).start(1);
    rig.awaitStates(LinkState.UP);
    rig.awaitAccepted(PeerRig.LEASES / ReplicationQueue.ITEMS_MAX);
    rig.peer.otherwise = (request, out) -> {};
    int before = rig.batches().size();

    for (int i = 0; i < 50; i++) {
      rig.loops.submit(() -> renewAll(renewed)).get();
    }
    // The batch in flight has left the due slots, and all but it may have been renewed again.
    eventually().until(() -> rig.batches().size() > before);
    eventually()
        .until(() -> rig.status().dueSlots() >= PeerRig.LEASES - ReplicationQueue.ITEMS_MAX);

    assertThat(rig.status().dueSlots()).isLessThanOrEqualTo(PeerRig.LEASES);
    assertThat(rig.batches()).hasSize(before + 1);
  }

  private void renewAll(RenewedSlots renewed) {
    for (int i = 0; i < PeerRig.LEASES; i++) {
      rig.registry
          .renewal()
          .renew(
              LookupKey.of(new InstanceKey("DEMO", "i-" + i)),
              rig.clock.monotonicNs(),
              Registry.NO_TIMESTAMP,
              Origin.CLIENT,
              renewed);
    }
  }

  @Test
  void send_peerIsOverloaded_triesAgainAfterASecond() {
    rig.start(rig.url());
    rig.awaitStates(LinkState.UP);
    rig.peer.scripts.add(FakePeer.status(503));
    long beganNs = System.nanoTime();

    rig.register("i-1");

    rig.awaitAccepted(1);
    assertThat(System.nanoTime() - beganNs).isGreaterThan(TimeUnit.SECONDS.toNanos(1));
    assertThat(rig.batches()).hasSize(2);
  }

  @Test
  void send_peerClosesAfterEachResponse_isNoFailure() {
    rig.peer.otherwise = (request, out) -> {
      FakePeer.accept(request, out);
      throw new IOException("close");
    };
    rig.start(rig.url());
    rig.awaitStates(LinkState.UP);

    rig.register("i-1");
    rig.awaitAccepted(1);
    rig.register("i-2");
    rig.awaitAccepted(2);

    assertThat(rig.status().counters().batchesFailed()).isZero();
  }

  @Test
  void send_peerClosesWithinAResponse_sendsTheBatchAgain() {
    rig.start(rig.url());
    rig.awaitStates(LinkState.UP);
    rig.peer.scripts.add((request, out) -> {
      out.write("HTTP/1.1 200 x\r\nContent-Length: 100\r\n\r\n{\"respon"
          .getBytes(StandardCharsets.US_ASCII));
      throw new IOException("close");
    });

    rig.register("i-1");

    rig.awaitAccepted(1);
    assertThat(rig.batches()).hasSize(2).allSatisfy(b -> assertThat(b.body()).contains("i-1"));
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
    rig.start(rig.url());
    rig.awaitStates(LinkState.UP);
    rig.peer.scripts.add((request, out) -> FakePeer.write(out, 200, "", results));

    rig.register("i-1");

    rig.awaitAccepted(1);
    assertThat(rig.status().counters().batchesFailed()).isEqualTo(1);
    assertThat(rig.batches()).hasSize(2);
  }

  @Test
  void send_oneItemIsRefused_dropsOnlyThatItem() {
    rig.start(rig.url());
    rig.awaitStates(LinkState.UP);
    rig.peer.otherwise = (request, out) -> {
      if (request.body().contains("poison")) {
        FakePeer.write(out, 400, "", "");
      } else {
        FakePeer.accept(request, out);
      }
    };

    for (int i = 0; i < 20; i++) {
      rig.register(i == 7 ? "poison" : "i-" + i);
    }

    eventually()
        .untilAsserted(() -> assertThat(rig.status().counters().failed()).isEqualTo(1));
    eventually().until(() -> rig.batches().stream().anyMatch(b -> accepts(b, "\"id\":\"i-19\"")));
    for (int i = 0; i < 20; i++) {
      String id = "\"id\":\"i-" + i + "\"";
      assertThat(rig.batches()).anyMatch(b -> id.contains("i-7\"") || accepts(b, id));
    }
    assertThat(rig.status().state()).isEqualTo(LinkState.UP);
  }

  /** A change was lost when its request was damaged on its way, or the peer failed once. */
  @Test
  void send_oneItemIsRefusedOnce_isSentAgain() {
    rig.start(rig.url());
    rig.awaitStates(LinkState.UP);
    rig.peer.otherwise = (request, out) -> {
      if (rig.batches().size() == 1 && request.hasItems()) {
        FakePeer.write(out, 400, "", "");
      } else {
        FakePeer.accept(request, out);
      }
    };

    rig.register("i-1");

    rig.awaitAccepted(1);
    assertThat(rig.batches()).hasSize(2);
    assertThat(rig.status().counters().failed()).isZero();
  }

  private static boolean accepts(FakeRequest batch, String id) {
    return batch.body().contains(id) && !batch.body().contains("poison");
  }

  /** The link stayed as it was for ever, and so did other links. */
  @Test
  void probe_handlerThrows_linkRecovers() {
    rig.clockFailures.set(1);
    rig.register("i-1");

    rig.start(rig.url());

    rig.awaitStates(LinkState.UP);
    assertThat(rig.clockFailures).hasValue(0);
    rig.register("i-2");
    rig.awaitAccepted(1);
  }

  /** The items of the batch were lost. */
  @Test
  void send_handlerThrows_peerIsComparedAgain() {
    rig.start(rig.url());
    rig.awaitStates(LinkState.UP);
    rig.clockFailures.set(1);

    rig.register("i-1");

    eventually().until(() -> rig.status().counters().comparisons() == 2);
    eventually().until(() -> rig.status().counters().batches() >= 1);
    assertThat(rig.batches()).allSatisfy(b -> assertThat(b.body()).contains("i-1"));
  }

  /** Every attempt was logged, and followed the one before without a growing delay. */
  @Test
  void compare_failsAfterEachProbe_warnsOnceAndShowsTheReason() {
    List<String> warnings = PeerRig.capture(rig.url().toString(), Level.WARN, () -> {
      rig.peer.otherwise = (request, out) -> {
        if (request.isBatch()) {
          FakePeer.accept(request, out);
        } else {
          FakePeer.write(out, 500, "", "");
        }
      };
      rig.start(rig.url());
      eventually()
          .until(
              () -> rig.peer.requests.stream().filter(each -> !each.isBatch()).count() >= 3);
      rig.awaitFailure("comparison failed: status 500");
    });

    assertThat(warnings).hasSize(1);
  }

  /** Each of 64 links could have 8 MiB of a response in memory. */
  @Test
  void send_responseIsLargerThanTheBatchNeeds_fails() {
    rig.start(rig.url());
    rig.awaitStates(LinkState.UP);
    rig.peer.otherwise = (request, out) -> {
      String padding = request.hasItems() ? " ".repeat(2 << 20) : "";
      FakePeer.write(out, 200, "", FakePeer.results(request.itemCount()) + padding);
    };

    rig.register("i-1");

    rig.awaitFailure("exceeds 1052672 bytes");
  }

  /** A stock server without instances refuses reads at first, and was not replicated to. */
  @Test
  void compare_peerShowsNoRegistryYet_registersWhatWasRegisteredHere() {
    rig.peer.otherwise = (request, out) -> {
      if (request.isBatch()) {
        FakePeer.accept(request, out);
      } else {
        FakePeer.write(out, 403, "", "");
      }
    };
    rig.register("i-1");

    rig.start(rig.url());

    rig.awaitStates(LinkState.UP);
    rig.awaitAccepted(1);
    assertThat(rig.batches())
        .first()
        .satisfies(b -> assertThat(b.body()).contains("Register", "i-1"));
  }

  /** Regression: the reason was "null". */
  @Test
  void compare_gzipIsIncomplete_reasonNamesIt() {
    rig.peer.otherwise = (request, out) -> {
      if (request.isBatch()) {
        FakePeer.accept(request, out);
      } else {
        byte[] head = {0x1f, (byte) 0x8b, 8, 0};
        FakePeer.write(out, 200, "Content-Encoding: gzip\r\n", head);
      }
    };

    rig.start(rig.url());

    rig.awaitFailure("comparison failed: corrupt or incomplete gzip body");
  }

  /** Regression: the lag was that of the last step of the peer thread. */
  @Test
  void status_peerThreadHasStopped_lagGrows() {
    Peers created = rig.create(PeerRig.settings(PeerRig.TIMEOUT_MS, TlsFiles.NONE, rig.url()));
    List<Supplier<PeerStatus>> links = new CopyOnWriteArrayList<>();
    created.onLinks(links::addAll);
    created.start(1);
    rig.awaitStates(LinkState.UP);
    created.close();

    rig.register("i-1");

    eventually().until(() -> links.get(0).get().lagMs() > 0);
  }

  @Test
  void probe_isUnauthorized_isDownUntilItIsAccepted() {
    rig.peer.otherwise = FakePeer.status(401);
    rig.start(rig.url());
    rig.awaitFailure("status 401");
    assertThat(rig.status().state()).isEqualTo(LinkState.DOWN);

    rig.peer.otherwise = FakePeer::accept;

    rig.awaitStates(LinkState.UP);
  }

  /** The read timeout alone would never end this: a byte arrives before each. */
  @Test
  void send_responseNeverEnds_fails() {
    rig.peer.otherwise = (request, out) -> {
      out.write(
          "HTTP/1.1 200 x\r\nContent-Length: 10000\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      writeSlowly(out);
    };

    rig.start(rig.url());

    rig.awaitFailure("no response from");
  }

  private static void writeSlowly(OutputStream out) throws IOException {
    try {
      while (true) {
        out.write(' ');
        out.flush();
        Thread.sleep(PeerRig.TIMEOUT_MS / 6);
      }
    } catch (InterruptedException stopped) {
      throw new IOException(stopped);
    }
  }

  @Test
  void send_responseIsTooLarge_fails() {
    rig.peer.otherwise = (request, out) -> out.write(
        "HTTP/1.1 200 x\r\nContent-Length: 65537\r\n\r\n{".getBytes(StandardCharsets.US_ASCII));

    rig.start(rig.url());

    rig.awaitFailure("exceeds 65536 bytes");
  }
}
