// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import static io.systole.server.peer.PeerFixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.netty.util.NetUtil;
import io.systole.client.api.TlsFiles;
import io.systole.client.net.ServerAddress;
import io.systole.server.net.BufferLeakExtension;
import io.systole.server.peer.FakePeer.FakeRequest;
import io.systole.server.peer.PeerStatus.LinkState;
import io.systole.server.registry.Change.Cause;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Links of a member of a native cluster to peers for which it is not elected. */
@ExtendWith(BufferLeakExtension.class)
class PeerStandbyTest {
  private PeerFixture fixture;
  private volatile boolean isElected;

  @BeforeEach
  void open() throws IOException {
    fixture = new PeerFixture();
  }

  @AfterEach
  void stop() throws Exception {
    fixture.stop();
  }

  private void start(URI... urls) {
    Peers peers = fixture.create(PeerFixture.settings(60_000, TlsFiles.NONE, urls));
    peers.sendIf(peer -> isElected);
    peers.start(1);
  }

  @Test
  void start_notElected_sendsNothingUntilElected() {
    start(fixture.url());
    fixture.awaitStates(LinkState.STANDBY);
    fixture.register("i-1");
    fixture.peers().addRenewalsDue(new long[] {1});
    awaitCycles();

    assertThat(fixture.peer.requests).isEmpty();
    assertThat(fixture.status().dueSlots()).isZero();
    assertThat(fixture.status().lagMs()).isZero();

    isElected = true;

    fixture.awaitStates(LinkState.UP);
    eventually().until(() -> !fixture.batches().isEmpty());
    assertThat(fixture.batches().get(0).body()).contains("i-1", "Register");
    assertThat(fixture.status().counters().comparisons()).isEqualTo(1);
  }

  @Test
  void send_notElectedAnyMore_standsByAndComparesWhenElectedAgain() {
    isElected = true;
    start(fixture.url());
    fixture.awaitStates(LinkState.UP);
    fixture.register("i-1");
    fixture.awaitAccepted(1);

    isElected = false;
    fixture.awaitStates(LinkState.STANDBY);
    int requests = fixture.peer.requests.size();
    fixture.register("i-2");
    awaitCycles();
    assertThat(fixture.peer.requests).hasSize(requests);
    assertThat(fixture.status().lagMs()).isZero();

    isElected = true;
    eventually().until(() -> fixture.batches().stream().anyMatch(b -> b.body().contains("i-2")));
    assertThat(fixture.status().counters().comparisons()).isEqualTo(2);
    fixture.awaitStates(LinkState.UP);
  }

  @Test
  void batchInFlight_notElectedAnyMore_isAcceptedFirst() {
    CountDownLatch released = new CountDownLatch(1);
    isElected = true;
    start(fixture.url());
    fixture.awaitStates(LinkState.UP);
    fixture.peer.scripts.add((request, out) -> {
      awaitLatch(released);
      FakePeer.accept(request, out);
    });
    fixture.register("i-1");
    eventually().until(() -> !fixture.batches().isEmpty());

    isElected = false;
    awaitCycles();
    fixture.register("i-2");
    released.countDown();

    fixture.awaitStates(LinkState.STANDBY);
    assertThat(fixture.status().counters().batches()).isEqualTo(1);
    assertThat(fixture.batches()).hasSize(1);
  }

  @Test
  void peerDown_notElected_isNoFailureAndNotContacted() throws Exception {
    isElected = true;
    URI url = fixture.url();
    fixture.peer.close();
    start(url);
    fixture.awaitFailure("Connection refused");

    List<String> lines = PeerFixture.capture(":" + url.getPort(), Level.INFO, () -> {
      isElected = false;
      fixture.awaitStates(LinkState.STANDBY);
      awaitCycles();
    });

    assertThat(lines).hasSize(1).first().asString().contains("another member replicates");
    assertThat(fixture.status().lastFailure()).isNull();

    isElected = true;
    fixture.awaitFailure("Connection refused");
  }

  @Test
  void sendIf_somePeers_areSentTo() throws IOException {
    FakePeer second = fixture.open(new FakePeer());
    Peers peers = fixture.create(
        PeerFixture.settings(60_000, TlsFiles.NONE, fixture.url(), PeerFixture.url(second)));
    peers.sendIf(peer -> peer.name().equals("127.0.0.1:" + second.port()));
    peers.start(1);
    fixture.awaitStates(LinkState.STANDBY, LinkState.UP);

    fixture.register("i-1");

    eventually().until(() -> second.requests.stream().anyMatch(FakeRequest::hasItems));
    assertThat(fixture.peer.requests).isEmpty();
  }

  /** Renewals and changes of members reach a peer as those of this node do. */
  @Test
  void members_renewalsAndRemovals_areSent() {
    isElected = true;
    fixture.register("i-1");
    start(fixture.url());
    fixture.awaitStates(LinkState.UP);
    fixture.awaitAccepted(1);

    fixture.peers().addRenewalsDue(new long[] {1});
    eventually()
        .until(() -> fixture.batches().stream().anyMatch(b -> b.body().contains("Heartbeat")));

    assertThat(fixture.registry.replicated().remove(0, Cause.CANCEL)).isTrue();
    eventually().until(() -> fixture.batches().stream().anyMatch(b -> b.body().contains("Cancel")));
  }

  @Test
  void name_ofAnIpv6Address_hasBrackets() {
    PeerAddress peer = new PeerAddress(
        ServerAddress.of(URI.create("http://[::1]:8761/eureka")),
        NetUtil.createInetAddressFromIpAddressString("::1"));

    assertThat(peer.name()).startsWith("[").endsWith("]:8761");
  }

  /** Waits for several periodic sendings. */
  private void awaitCycles() {
    CountDownLatch cycles = new CountDownLatch(5);
    fixture.peers().sendIf(peer -> {
      cycles.countDown();
      return isElected;
    });
    awaitLatch(cycles);
  }

  private static void awaitLatch(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException interrupted) {
      throw new AssertionError(interrupted);
    }
  }
}
