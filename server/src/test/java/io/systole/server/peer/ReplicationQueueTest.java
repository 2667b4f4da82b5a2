// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import static io.systole.protocol.model.InstanceStatus.DOWN;
import static io.systole.protocol.model.InstanceStatus.OUT_OF_SERVICE;
import static io.systole.protocol.model.InstanceStatus.STARTING;
import static io.systole.protocol.model.InstanceStatus.UP;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.codec.MalformedDocumentException;
import io.systole.protocol.codec.ReplicationCodec;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.model.ReplicationItem;
import io.systole.protocol.model.ReplicationItem.Action;
import io.systole.server.registry.Change;
import io.systole.server.registry.Instances;
import io.systole.server.registry.LeaseKey.LookupKey;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RenewedSlots;
import io.systole.server.registry.ReplicatedLeases;
import io.systole.server.time.ManualClock;
import java.io.ByteArrayInputStream;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The cases that random histories have found, each by itself; both nodes have DEMO/i-1. */
class ReplicationQueueTest {
  private static final InstanceKey KEY = new InstanceKey("DEMO", "i-1");

  private final ManualClock clock = new ManualClock();
  private final SimulatedNode here = new SimulatedNode(0, clock);
  private final SimulatedNode there = new SimulatedNode(1, clock);
  private final ReplicationCodec codec = new ReplicationCodec();
  private final ReplicationQueue queue = new ReplicationQueue(here.registry(), new PeerCounters());

  @BeforeEach
  void register() throws MalformedDocumentException {
    compare();
    here.registry().register(Instances.up("DEMO", "i-1", 30), Origin.CLIENT);
    sendAll();
    assertThat(there.state()).isEqualTo(here.state());
  }

  private void compare() throws MalformedDocumentException {
    RegistryComparison.Difference difference = RegistryComparison.compare(
        here.registry(), new ByteArrayInputStream(there.document()), clock.wallMs());
    queue.resume(difference);
    difference.newer().forEach(queue::adopt);
  }

  private void sendAll() throws MalformedDocumentException {
    for (ReplicationBatch batch = queue.next(250); batch != null; batch = queue.next(250)) {
      byte[] response = there.receive(codec.encodeItems(batch.items()));
      queue.accepted(batch, codec.decodeResponses(response, clock.wallMs()));
    }
  }

  private static void registerAgain(SimulatedNode node, long dirtyMs) {
    node.registry()
        .register(
            Instances.up("DEMO", "i-1", 30).toBuilder().lastDirtyMs(dirtyMs).build(),
            Origin.CLIENT);
  }

  private static void setOverride(SimulatedNode node, InstanceStatus status) {
    node.registry().statusOverrides().set(KEY, status, Registry.NO_TIMESTAMP, Origin.CLIENT);
  }

  private static void removeOverride(SimulatedNode node) {
    node.registry().statusOverrides().remove(KEY, UP, Registry.NO_TIMESTAMP, Origin.CLIENT);
  }

  /** The cancel, which had waited for the link, ended the lease at the peer. */
  @Test
  void cancel_registeredAgainAtThePeerMeanwhile_staysRegistered()
      throws MalformedDocumentException {
    here.registry().cancel(KEY, Origin.CLIENT);
    registerAgain(there, Instances.DIRTY_MS + 1);

    sendAll();

    assertThat(there.registry().find(KEY)).isNotNull();
  }

  /** The last cancel alone would have left the later registration at the peer. */
  @Test
  void cancel_ofTheLaterAndThenOfTheEarlierRegistration_endsTheLater()
      throws MalformedDocumentException {
    registerAgain(here, Instances.DIRTY_MS + 1);
    sendAll();
    here.registry().cancel(KEY, Origin.CLIENT);
    here.registry().register(Instances.up("DEMO", "i-1", 30), Origin.PEER);
    here.registry().cancel(KEY, Origin.CLIENT);

    sendAll();

    assertThat(there.registry().find(KEY)).isNull();
  }

  /** The renewal was dropped, as if the cancel in the same batch included it. */
  @Test
  void renewal_afterACancelAndARegistrationByThePeer_isSent() throws MalformedDocumentException {
    here.registry().cancel(KEY, Origin.CLIENT);
    registerAgain(there, Instances.DIRTY_MS + 1);
    InstanceInfo registered = requireNonNull(there.registry().find(KEY));
    here.registry().register(registered, Origin.PEER);
    clock.advanceMs(10_000);
    RenewedSlots renewed = new RenewedSlots();
    here.registry()
        .renewal()
        .renew(
            LookupKey.of(KEY),
            clock.monotonicNs(),
            registered.lastDirtyMs(),
            Origin.CLIENT,
            renewed);
    queue.addRenewalsDue(renewed.take());

    sendAll();

    assertThat(there.registry().expiry().deadline(KEY))
        .isEqualTo(here.registry().expiry().deadline(KEY));
  }

  /** The next heartbeat would have revived the lease there without the override. */
  @Test
  void override_leaseHasExpiredAtThePeer_isSetThere() throws MalformedDocumentException {
    here.renew(KEY, Instances.DIRTY_MS);
    clock.advanceMs(31_000);

    setOverride(here, OUT_OF_SERVICE);
    sendAll();

    assertThat(there.state()).isEqualTo(here.state());
  }

  /** A registration in the same batch would have replaced the removal, and does not remove. */
  @Test
  void override_removedBeforeARegistration_isRemovedThere() throws MalformedDocumentException {
    setOverride(here, OUT_OF_SERVICE);
    sendAll();

    removeOverride(here);
    registerAgain(here, Instances.DIRTY_MS + 1);
    loseChanges();
    here.registry().addMetadata(KEY, Map.of("zone", "b"));
    sendAll();

    assertThat(there.state()).isEqualTo(here.state());
  }

  /** A status update would have no effect there, because the status is the same. */
  @Test
  void override_differsFromThePeersWithTheSameStatus_isSetThere()
      throws MalformedDocumentException {
    setOverride(there, DOWN);
    setOverride(here, STARTING);
    here.registry()
        .register(
            Instances.up("DEMO", "i-1", 30).toBuilder()
                .status(STARTING)
                .lastDirtyMs(Instances.DIRTY_MS + 1)
                .build(),
            Origin.CLIENT);

    compare();
    sendAll();

    assertThat(there.state()).isEqualTo(here.state());
  }

  @Test
  void metadata_addedBeforeAComparison_isAddedThere() throws MalformedDocumentException {
    here.registry().addMetadata(KEY, Map.of("zone", "b"));

    compare();
    sendAll();

    assertThat(there.state()).isEqualTo(here.state());
  }

  /** A comparison by each of both nodes would have exchanged the override and its absence. */
  @Test
  void changes_moreThanTheLogKeeps_areSentAsTheirResult() throws MalformedDocumentException {
    setOverride(here, OUT_OF_SERVICE);
    here.registry().addMetadata(KEY, Map.of("zone", "b"));
    loseChanges();

    assertThat(queue.isComparisonDue()).isFalse();
    assertThat(queue.dueSlots()).isPositive();
    sendAll();

    assertThat(there.state()).isEqualTo(here.state());
  }

  /** Adds changes until the log has dropped those before. */
  private void loseChanges() {
    for (int i = 0; i < 20; i++) {
      here.registry().addMetadata(KEY, Map.of("count", String.valueOf(i)));
    }
    queue.limitLag();
  }

  @Test
  void limitLag_whileABatchIsInFlight_sendsTheChangesAfterIt() throws MalformedDocumentException {
    here.registry().addMetadata(KEY, Map.of("zone", "b"));
    ReplicationBatch batch = requireNonNull(queue.next(250));
    byte[] response = there.receive(codec.encodeItems(batch.items()));
    loseChanges();

    queue.accepted(batch, codec.decodeResponses(response, clock.wallMs()));
    sendAll();

    assertThat(there.state()).isEqualTo(here.state());
    assertThat(batch.items()).extracting(ReplicationItem::action).containsOnlyOnce(Action.REGISTER);
  }

  // ---- changes of members of the native cluster

  @Test
  void memberChanges_mergedHere_areSent() throws MalformedDocumentException {
    InstanceInfo document = requireNonNull(here.registry().find(KEY)).toBuilder()
        .lastDirtyMs(Instances.DIRTY_MS + 1)
        .vipAddress("v")
        .build();

    merge(document, null);
    sendAll();
    assertThat(requireNonNull(there.registry().find(KEY)).vipAddress()).isEqualTo("v");

    merge(document, OUT_OF_SERVICE);
    sendAll();
    assertThat(there.state()).isEqualTo(here.state());
    assertThat(requireNonNull(there.registry().find(KEY)).status()).isEqualTo(OUT_OF_SERVICE);

    merge(document, null);
    sendAll();
    assertThat(requireNonNull(there.registry().find(KEY)).status()).isEqualTo(UP);

    removeAsMember(Change.Cause.CANCEL);
    sendAll();
    assertThat(there.registry().find(KEY)).isNull();
  }

  @Test
  void memberEviction_ofAnExpiredLease_isNotSent() throws MalformedDocumentException {
    removeAsMember(Change.Cause.EVICTION);

    sendAll();

    assertThat(there.registry().find(KEY)).isNotNull();
  }

  /** The peer would receive its own change again, late: it would cancel a new registration. */
  @Test
  void changeOfAPeerOfAMember_isNotSent() throws MalformedDocumentException {
    ReplicatedLeases replicated = here.registry().replicated();
    InstanceInfo moved =
        requireNonNull(here.registry().find(KEY)).toBuilder().vipAddress("v").build();
    int slot = replicated.merge(moved, null, clock.monotonicNs(), Origin.MEMBER_PEER);
    sendAll();
    assertThat(requireNonNull(there.registry().find(KEY)).vipAddress()).isNull();

    replicated.remove(slot, Change.Cause.CANCEL, Origin.MEMBER_PEER);
    sendAll();
    assertThat(there.registry().find(KEY)).isNotNull();
  }

  /** A status update would make STARTING the override. */
  @Test
  void memberOverride_ofAnInstanceThatIsStarting_isSentAsRegistration()
      throws MalformedDocumentException {
    InstanceInfo starting =
        requireNonNull(here.registry().find(KEY)).toBuilder().status(STARTING).build();
    merge(starting, null);
    sendAll();

    merge(starting, OUT_OF_SERVICE);
    sendAll();

    assertThat(there.registry().statusOverrides().byId()).containsValue(OUT_OF_SERVICE);
    assertThat(requireNonNull(there.registry().find(KEY)).status()).isEqualTo(STARTING);
  }

  private void merge(InstanceInfo document, @Nullable InstanceStatus override) {
    assertThat(here.registry().replicated().merge(document, override, clock.monotonicNs()))
        .isNotNegative();
  }

  private void removeAsMember(Change.Cause cause) {
    int slot = here.registry().replicated().find(KEY);
    assertThat(here.registry().replicated().remove(slot, cause)).isTrue();
  }
}
