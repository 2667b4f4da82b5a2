// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import static io.systole.server.peer.PeerFixture.eventually;
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
  void send_peerNeverResponds_isDownAndTriesAgain() {
    fixture.peer.otherwise = (request, out) -> {};

    fixture.start(fixture.url());

    fixture.awaitFailure("no response from");
    eventually().until(() -> fixture.peer.requests.size() >= 2);
    assertThat(fixture.status().state()).isEqualTo(LinkState.DOWN);
  }

  /** Regression: the kernel went on to deliver the request, possibly after later ones. */
  @Test
  void send_peerNeverResponds_discardsTheRequest() throws IOException {
    try (ServerSocket hanging = new ServerSocket(0, 50, PeerFixture.loopback(1))) {
      hanging.setSoTimeout((int) PeerFixture.LIMIT.toMillis());
      fixture.start(URI.create("http://127.0.0.1:" + hanging.getLocalPort() + "/eureka"));
      try (Socket first = hanging.accept()) {
        first.setSoTimeout((int) PeerFixture.LIMIT.toMillis());
        fixture.awaitFailure("no response from");

        assertThatThrownBy(() -> first.getInputStream().readAllBytes())
            .isInstanceOf(SocketException.class)
            .hasMessageContaining("reset");
      }
    }
  }

  /** Regression: the reason was repeated at its end. */
  @Test
  void probe_peerDoesNotListen_reasonIsStatedOnce() throws Exception {
    URI url = fixture.url();
    fixture.peer.close();

    fixture.start(url);

    fixture.awaitFailure("Connection refused");
    assertThat(fixture.status().lastFailure()).containsOnlyOnce("cannot connect to");
  }

  @Test
  void send_peerHangs_keepsOneBatchAndASlotForEachLease() throws Exception {
    for (int i = 0; i < PeerFixture.LEASES; i++) {
      fixture.register("i-" + i);
    }
    RenewedSlots renewed = fixture.renewals.add(fixture.loops.next());
    fixture.create(PeerFixture.settings(60_000, TlsFiles.NONE, fixture.url())).start(1);
    fixture.awaitStates(LinkState.UP);
    fixture.awaitAccepted(PeerFixture.LEASES / ReplicationQueue.ITEMS_MAX);
    fixture.peer.otherwise = (request, out) -> {};
    int before = fixture.batches().size();

    for (int i = 0; i < 50; i++) {
      fixture.loops.submit(() -> renewAll(renewed)).get();
    }
    // The batch in flight has left the due slots, and all but it may have been renewed again.
    eventually().until(() -> fixture.batches().size() > before);
    eventually()
        .until(
            () -> fixture.status().dueSlots() >= PeerFixture.LEASES - ReplicationQueue.ITEMS_MAX);

    assertThat(fixture.status().dueSlots()).isLessThanOrEqualTo(PeerFixture.LEASES);
    assertThat(fixture.batches()).hasSize(before + 1);
  }

  private void renewAll(RenewedSlots renewed) {
    for (int i = 0; i < PeerFixture.LEASES; i++) {
      fixture
          .registry
          .renewal()
          .renew(
              LookupKey.of(new InstanceKey("DEMO", "i-" + i)),
              fixture.clock.monotonicNs(),
              Registry.NO_TIMESTAMP,
              Origin.CLIENT,
              renewed);
    }
  }

  @Test
  void send_peerIsOverloaded_triesAgainAfterASecond() {
    fixture.start(fixture.url());
    fixture.awaitStates(LinkState.UP);
    fixture.peer.scripts.add(FakePeer.status(503));
    long beganNs = System.nanoTime();

    fixture.register("i-1");

    fixture.awaitAccepted(1);
    assertThat(System.nanoTime() - beganNs).isGreaterThan(TimeUnit.SECONDS.toNanos(1));
    assertThat(fixture.batches()).hasSize(2);
  }

  @Test
  void send_peerClosesAfterEachResponse_isNoFailure() {
    fixture.peer.otherwise = (request, out) -> {
      FakePeer.accept(request, out);
      throw new IOException("close");
    };
    fixture.start(fixture.url());
    fixture.awaitStates(LinkState.UP);

    fixture.register("i-1");
    fixture.awaitAccepted(1);
    fixture.register("i-2");
    fixture.awaitAccepted(2);

    assertThat(fixture.status().counters().batchesFailed()).isZero();
  }

  @Test
  void send_peerClosesWithinAResponse_sendsTheBatchAgain() {
    fixture.start(fixture.url());
    fixture.awaitStates(LinkState.UP);
    fixture.peer.scripts.add((request, out) -> {
      out.write("HTTP/1.1 200 x\r\nContent-Length: 100\r\n\r\n{\"respon"
          .getBytes(StandardCharsets.US_ASCII));
      throw new IOException("close");
    });

    fixture.register("i-1");

    fixture.awaitAccepted(1);
    assertThat(fixture.batches())
        .hasSize(2)
        .allSatisfy(b -> assertThat(b.body()).contains("i-1"));
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
    fixture.start(fixture.url());
    fixture.awaitStates(LinkState.UP);
    fixture.peer.scripts.add((request, out) -> FakePeer.write(out, 200, "", results));

    fixture.register("i-1");

    fixture.awaitAccepted(1);
    assertThat(fixture.status().counters().batchesFailed()).isEqualTo(1);
    assertThat(fixture.batches()).hasSize(2);
  }

  @Test
  void send_oneItemIsRefused_dropsOnlyThatItem() {
    fixture.start(fixture.url());
    fixture.awaitStates(LinkState.UP);
    fixture.peer.otherwise = (request, out) -> {
      if (request.body().contains("poison")) {
        FakePeer.write(out, 400, "", "");
      } else {
        FakePeer.accept(request, out);
      }
    };

    for (int i = 0; i < 20; i++) {
      fixture.register(i == 7 ? "poison" : "i-" + i);
    }

    eventually()
        .untilAsserted(() -> assertThat(fixture.status().counters().failed()).isEqualTo(1));
    eventually()
        .until(() -> fixture.batches().stream().anyMatch(b -> accepts(b, "\"id\":\"i-19\"")));
    for (int i = 0; i < 20; i++) {
      String id = "\"id\":\"i-" + i + "\"";
      assertThat(fixture.batches()).anyMatch(b -> id.contains("i-7\"") || accepts(b, id));
    }
    assertThat(fixture.status().state()).isEqualTo(LinkState.UP);
  }

  /** A change was lost when its request was damaged on its way, or the peer failed once. */
  @Test
  void send_oneItemIsRefusedOnce_isSentAgain() {
    fixture.start(fixture.url());
    fixture.awaitStates(LinkState.UP);
    fixture.peer.otherwise = (request, out) -> {
      if (fixture.batches().size() == 1 && request.hasItems()) {
        FakePeer.write(out, 400, "", "");
      } else {
        FakePeer.accept(request, out);
      }
    };

    fixture.register("i-1");

    fixture.awaitAccepted(1);
    assertThat(fixture.batches()).hasSize(2);
    assertThat(fixture.status().counters().failed()).isZero();
  }

  private static boolean accepts(FakeRequest batch, String id) {
    return batch.body().contains(id) && !batch.body().contains("poison");
  }

  /** The link stayed as it was for ever, and so did other links. */
  @Test
  void probe_handlerThrows_linkRecovers() {
    fixture.clockFailures.set(1);
    fixture.register("i-1");

    fixture.start(fixture.url());

    fixture.awaitStates(LinkState.UP);
    assertThat(fixture.clockFailures).hasValue(0);
    fixture.register("i-2");
    fixture.awaitAccepted(1);
  }

  /** The items of the batch were lost. */
  @Test
  void send_handlerThrows_peerIsComparedAgain() {
    fixture.start(fixture.url());
    fixture.awaitStates(LinkState.UP);
    fixture.clockFailures.set(1);

    fixture.register("i-1");

    eventually().until(() -> fixture.status().counters().comparisons() == 2);
    eventually().until(() -> fixture.status().counters().batches() >= 1);
    assertThat(fixture.batches()).allSatisfy(b -> assertThat(b.body()).contains("i-1"));
  }

  /** Every attempt was logged, and followed the one before without a growing delay. */
  @Test
  void compare_failsAfterEachProbe_warnsOnceAndShowsTheReason() {
    List<String> warnings = PeerFixture.capture(fixture.url().toString(), Level.WARN, () -> {
      fixture.peer.otherwise = (request, out) -> {
        if (request.isBatch()) {
          FakePeer.accept(request, out);
        } else {
          FakePeer.write(out, 500, "", "");
        }
      };
      fixture.start(fixture.url());
      eventually()
          .until(() ->
              fixture.peer.requests.stream().filter(each -> !each.isBatch()).count() >= 3);
      fixture.awaitFailure("comparison failed: status 500");
    });

    assertThat(warnings).hasSize(1);
  }

  /** Each of 64 links could have 8 MiB of a response in memory. */
  @Test
  void send_responseIsLargerThanTheBatchNeeds_fails() {
    fixture.start(fixture.url());
    fixture.awaitStates(LinkState.UP);
    fixture.peer.otherwise = (request, out) -> {
      String padding = request.hasItems() ? " ".repeat(2 << 20) : "";
      FakePeer.write(out, 200, "", FakePeer.results(request.itemCount()) + padding);
    };

    fixture.register("i-1");

    fixture.awaitFailure("exceeds 1052672 bytes");
  }

  /** A stock server without instances refuses reads at first, and was not replicated to. */
  @Test
  void compare_peerShowsNoRegistryYet_registersWhatWasRegisteredHere() {
    fixture.peer.otherwise = (request, out) -> {
      if (request.isBatch()) {
        FakePeer.accept(request, out);
      } else {
        FakePeer.write(out, 403, "", "");
      }
    };
    fixture.register("i-1");

    fixture.start(fixture.url());

    fixture.awaitStates(LinkState.UP);
    fixture.awaitAccepted(1);
    assertThat(fixture.batches())
        .first()
        .satisfies(b -> assertThat(b.body()).contains("Register", "i-1"));
  }

  /** Regression: the reason was "null". */
  @Test
  void compare_gzipIsIncomplete_reasonNamesIt() {
    fixture.peer.otherwise = (request, out) -> {
      if (request.isBatch()) {
        FakePeer.accept(request, out);
      } else {
        byte[] head = {0x1f, (byte) 0x8b, 8, 0};
        FakePeer.write(out, 200, "Content-Encoding: gzip\r\n", head);
      }
    };

    fixture.start(fixture.url());

    fixture.awaitFailure("comparison failed: corrupt or incomplete gzip body");
  }

  /** Regression: the lag was that of the last step of the peer thread. */
  @Test
  void status_peerThreadHasStopped_lagGrows() {
    Peers created =
        fixture.create(PeerFixture.settings(PeerFixture.TIMEOUT_MS, TlsFiles.NONE, fixture.url()));
    List<Supplier<PeerStatus>> links = new CopyOnWriteArrayList<>();
    created.onLinks(links::addAll);
    created.start(1);
    fixture.awaitStates(LinkState.UP);
    created.close();

    fixture.register("i-1");

    eventually().until(() -> links.get(0).get().lagMs() > 0);
  }

  @Test
  void probe_isUnauthorized_isDownUntilItIsAccepted() {
    fixture.peer.otherwise = FakePeer.status(401);
    fixture.start(fixture.url());
    fixture.awaitFailure("status 401");
    assertThat(fixture.status().state()).isEqualTo(LinkState.DOWN);

    fixture.peer.otherwise = FakePeer::accept;

    fixture.awaitStates(LinkState.UP);
  }

  /** The read timeout alone would never end this: a byte arrives before each. */
  @Test
  void send_responseNeverEnds_fails() {
    fixture.peer.otherwise = (request, out) -> {
      out.write(
          "HTTP/1.1 200 x\r\nContent-Length: 10000\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      writeSlowly(out);
    };

    fixture.start(fixture.url());

    fixture.awaitFailure("no response from");
  }

  private static void writeSlowly(OutputStream out) throws IOException {
    try {
      while (true) {
        out.write(' ');
        out.flush();
        Thread.sleep(PeerFixture.TIMEOUT_MS / 6);
      }
    } catch (InterruptedException stopped) {
      throw new IOException(stopped);
    }
  }

  @Test
  void send_responseIsTooLarge_fails() {
    fixture.peer.otherwise = (request, out) -> out.write(
        "HTTP/1.1 200 x\r\nContent-Length: 65537\r\n\r\n{".getBytes(StandardCharsets.US_ASCII));

    fixture.start(fixture.url());

    fixture.awaitFailure("exceeds 65536 bytes");
  }
}
