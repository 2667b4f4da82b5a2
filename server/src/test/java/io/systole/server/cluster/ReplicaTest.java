// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.cluster.group.Group;
import io.systole.server.cluster.message.ClusterRecord;
import io.systole.server.cluster.message.ClusterRecord.RegistrationRecord;
import io.systole.server.cluster.message.LeaseId;
import io.systole.server.cluster.message.OverrideRegister;
import io.systole.server.cluster.message.OverrideStamp;
import io.systole.server.cluster.message.RecordStamp;
import io.systole.server.cluster.message.RecordsBuilder;
import io.systole.server.config.ConfigParser;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Changes at the members of a cluster. */
class ReplicaTest extends MemberHistory {
  @Test
  void register_atOneMember_existsAtAll() {
    TestMember a = start(1);
    TestMember b = start(2);

    a.register("i1");
    settle();

    assertThat(b.has("i1")).isTrue();
    assertThat(b.replica.isResponsible(b.slot("i1"))).isFalse();
    assertThat(a.replica.isResponsible(a.slot("i1"))).isTrue();
    assertEqualLeases();
  }

  @Test
  void register_atAnotherMember_changesTheOwner() {
    TestMember a = start(1);
    TestMember b = start(2);
    a.register("i1");
    settle();

    b.register("i1");
    settle();

    assertThat(a.replica.isResponsible(a.slot("i1"))).isFalse();
    assertThat(b.replica.isResponsible(b.slot("i1"))).isTrue();
    assertThat(a.replica.status().leasesOwned()).isZero();
    assertEqualLeases();
  }

  @Test
  void cancel_thenLateRegistration_staysCancelled() {
    TestMember a = start(1);
    TestMember b = start(2);
    TestMember c = start(3);
    network.isLost = kind -> true;
    a.register("i1");
    settle();
    byte[] late = recordOf(a, "i1");
    network.isLost = kind -> false;
    a.register("i1");
    settle();

    b.registry.cancel(TestMember.key("i1"), Origin.CLIENT);
    settle();
    c.replica.onMessage(a.group.self(), late, 0, late.length);
    settle();

    assertThat(members).noneMatch(each -> each.has("i1"));
  }

  static byte[] recordOf(TestMember member, String id) {
    RecordsBuilder builder = new RecordsBuilder();
    RecordSource source = new RecordSource(member.replica.state());
    builder.add(Objects.requireNonNull(source.recordOf(member.slot(id))));
    return builder.buildRecords(2);
  }

  @Test
  void override_setAtOneMemberAndLiftedAtAnother_appliesAtAll() {
    TestMember a = start(1);
    TestMember b = start(2);
    a.register("i1");
    settle();

    a.registry
        .statusOverrides()
        .set(
            TestMember.key("i1"),
            InstanceStatus.OUT_OF_SERVICE,
            Registry.NO_TIMESTAMP,
            Origin.CLIENT);
    settle();
    assertThat(b.find("i1").status()).isEqualTo(InstanceStatus.OUT_OF_SERVICE);
    assertEqualLeases();

    b.registry
        .statusOverrides()
        .remove(TestMember.key("i1"), InstanceStatus.UP, Registry.NO_TIMESTAMP, Origin.CLIENT);
    settle();
    assertThat(a.find("i1").status()).isEqualTo(InstanceStatus.UP);
    assertEqualLeases();
  }

  @Test
  void override_againstTheStatusOfTheInstance_isTheSameAtAll() {
    TestMember a = start(1);
    TestMember b = start(2);
    a.register(TestMember.instance("i1").toBuilder().status(InstanceStatus.DOWN).build());
    settle();

    a.registry
        .statusOverrides()
        .set(TestMember.key("i1"), InstanceStatus.UP, Registry.NO_TIMESTAMP, Origin.CLIENT);
    settle();

    assertThat(b.find("i1").status()).isEqualTo(InstanceStatus.UP);
    assertEqualLeases();
  }

  @Test
  void overrides_inAnyOrder_yieldTheSameStatus() {
    TestMember a = start(1);
    TestMember b = start(2);
    TestMember c = start(3);
    InstanceInfo starting = TestMember.instance("i1").toBuilder()
        .status(InstanceStatus.STARTING)
        .overriddenStatus(InstanceStatus.STARTING)
        .build();
    OverrideRegister lifted = new OverrideRegister(null, new OverrideStamp(100, 9));
    OverrideRegister up = new OverrideRegister(InstanceStatus.UP, new OverrideStamp(101, 9));
    ClusterRecord registration = registration(starting, null);
    ClusterRecord first = registration(starting, lifted);
    ClusterRecord second = registration(starting, up);

    a.replica.receiver().merge(List.of(registration, first, second));
    b.replica.receiver().merge(List.of(registration, second, first));
    c.replica.receiver().merge(List.of(second));

    assertEqualLeases();
  }

  private static ClusterRecord registration(
      InstanceInfo document, @Nullable OverrideRegister override) {
    return new RegistrationRecord(
        document, new RecordStamp(5, 50, 9), new LeaseId(9, 0), override, 0, false);
  }

  @Test
  void overrideThenMetadata_setOnTwoSides_bothApplyAfterTheMerge() {
    TestMember a = start(1);
    TestMember b = start(2);
    a.register("i1");
    settle();
    network.split(List.of(a.group), List.of(b.group));

    a.registry
        .statusOverrides()
        .set(
            TestMember.key("i1"),
            InstanceStatus.OUT_OF_SERVICE,
            Registry.NO_TIMESTAMP,
            Origin.CLIENT);
    clock.advanceMs(100);
    b.registry.addMetadata(TestMember.key("i1"), Map.of("zone", "z1"));
    settle();
    network.heal();
    pass(5_000);

    InstanceInfo merged = a.find("i1");
    assertThat(merged.metadata()).containsEntry("zone", "z1");
    assertThat(merged.status()).isEqualTo(InstanceStatus.OUT_OF_SERVICE);
    assertEqualLeases();
  }

  @Test
  void changes_whileTheGroupCanNotSend_areSentAfterwardsAsTheyAreThen() {
    TestMember a = start(1);
    TestMember b = start(2);
    a.register("cancelled");
    a.register("removed");
    settle();
    a.group.isRefusing = true;
    a.register("i1");
    a.registry.cancel(TestMember.key("cancelled"), Origin.CLIENT);
    settle();
    a.registry.addMetadata(TestMember.key("i1"), Map.of("zone", "z1"));
    a.registry.cancel(TestMember.key("removed"), Origin.CLIENT);
    pass(3_000);
    assertThat(b.has("i1")).isFalse();
    assertThat(a.replica.counters().sendFailures()).isBetween(2L, 8L);
    assertThat(a.replica.counters().recordsSent()).isEqualTo(2);

    a.group.isRefusing = false;
    pass(1_000);

    assertThat(b.find("i1").metadata()).containsEntry("zone", "z1");
    assertThat(b.has("cancelled")).isFalse();
    assertThat(b.has("removed")).isFalse();
    assertThat(a.replica.counters().recordsSent()).isEqualTo(5);
    assertEqualLeases();
  }

  @Test
  void register_instanceThatNoMessageHolds_isCountedAndLeftOut() {
    TestMember a = start(1);
    TestMember b = start(2);

    a.register(withText("large", Group.MESSAGE_BYTES_MAX));
    a.register("i1");
    settle();
    assertThat(a.replica.counters().recordsTooLarge()).isEqualTo(1);
    pass(31_000);

    assertThat(a.replica.counters().recordsTooLarge()).isEqualTo(2);
    assertThat(b.slot("large")).isNegative();
    assertThat(b.slot("i1")).isNotNegative();
  }

  /** Text of the largest size by default, in characters of three bytes. */
  @Test
  void register_largestInstanceByDefault_isSent() {
    TestMember a = start(1);
    TestMember b = start(2);
    int sizeMax = ConfigParser.read(Map.of(), Map.of()).registry().bytes().instanceMax();

    a.register(withText("i1", sizeMax));
    settle();

    assertThat(b.has("i1")).isTrue();
    assertThat(a.replica.counters().recordsTooLarge()).isZero();
  }

  private static InstanceInfo withText(String id, int length) {
    return TestMember.instance(id).toBuilder()
        .metadata(Map.of("text", "\u20ac".repeat(length)))
        .build();
  }

  @Test
  void leave_groupCanNotSend_ends() {
    TestMember a = start(1);
    start(2);
    a.group.isRefusing = true;
    for (int i = 0; i < 1_000; i++) {
      a.register("i" + i);
    }

    members.remove(a);
    a.replica.leave();

    assertThat(a.replica.counters().sendFailures()).isLessThanOrEqualTo(3);
  }

  @Test
  void join_ofAMemberWithAnOlderProtocol_lowersTheVersion() {
    TestMember a = start(1);
    ReplicaSettings older = new ReplicaSettings(500, 30_000, 180_000, 1_000, 1);
    TestMember b = start(new TestMember(network, 2, clock, older, 10_000, List.of()));

    assertThat(a.replica.status().protocolVersion()).isEqualTo(1);
    assertThat(b.replica.isComplete()).isTrue();

    members.remove(b);
    b.replica.leave();
    settle();
    assertThat(a.replica.status().protocolVersion()).isEqualTo(2);
  }

  @Test
  void malformedMessage_isCountedAndDropped() {
    TestMember a = start(1);
    TestMember b = start(2);

    b.replica.onMessage(a.group.self(), new byte[] {2, 1, 99}, 0, 3);
    b.replica.onMessage(a.group.self(), new byte[] {77, 1, 99}, 0, 3);

    assertThat(b.replica.counters().malformedMessages()).isEqualTo(1);
    assertThat(b.replica.counters().unknownKinds()).isEqualTo(1);
  }
}
