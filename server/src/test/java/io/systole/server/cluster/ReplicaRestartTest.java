// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceStatus;
import io.systole.server.registry.Origin;
import io.systole.server.registry.PersistedLease;
import io.systole.server.registry.Registry;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Members that restore a journal, after changes at other members or by themselves. */
class ReplicaRestartTest extends MemberHistory {
  private static final InstanceStatus SET = InstanceStatus.OUT_OF_SERVICE;

  private TestMember restart(long epoch, List<PersistedLease> journal) {
    return start(new TestMember(network, epoch, clock, TestMember.SETTINGS, 10_000, journal));
  }

  private List<PersistedLease> crash(TestMember member) {
    List<PersistedLease> journal = member.journal();
    kill(member);
    return journal;
  }

  private void setOverride(TestMember member) {
    member
        .registry
        .statusOverrides()
        .set(TestMember.key("i1"), SET, Registry.NO_TIMESTAMP, Origin.OPERATOR);
    settle();
    clock.advanceMs(1_000);
  }

  private void removeOverride(TestMember member) {
    member
        .registry
        .statusOverrides()
        .remove(TestMember.key("i1"), InstanceStatus.UP, Registry.NO_TIMESTAMP, Origin.OPERATOR);
    settle();
    clock.advanceMs(1_000);
  }

  private void registerAt(TestMember member) {
    member.register("i1");
    settle();
    clock.advanceMs(1_000);
  }

  /** Passes the time of a periodic comparison, during which the instance beats. */
  private void compare() {
    passBeating(members.get(0), "i1", 40_000);
  }

  private void assertStatus(InstanceStatus expected) {
    assertThat(members).allMatch(each -> each.find("i1").status() == expected);
    assertEqualLeases();
  }

  @Test
  void restart_cancelledElsewhere_staysCancelled() {
    TestMember a = start(1);
    TestMember b = start(2);
    registerAt(b);
    setOverride(b);
    List<PersistedLease> journal = crash(b);
    a.registry.cancel(TestMember.key("i1"), Origin.CLIENT);
    pass(100_000);

    restart(3, journal);
    pass(70_000);

    assertThat(members).noneMatch(each -> each.has("i1"));
    assertEqualLeases();
  }

  @Test
  void restart_cancelledAndRegisteredElsewhere_hasNoOverride() {
    TestMember a = start(1);
    TestMember b = start(2);
    registerAt(b);
    setOverride(b);
    List<PersistedLease> journal = crash(b);
    a.registry.cancel(TestMember.key("i1"), Origin.CLIENT);
    settle();
    registerAt(a);

    restart(3, journal);
    compare();

    assertStatus(InstanceStatus.UP);
  }

  @Test
  void restart_overrideRemovedElsewhere_staysRemoved() {
    TestMember a = start(1);
    TestMember b = start(2);
    registerAt(b);
    setOverride(b);
    List<PersistedLease> journal = crash(b);
    removeOverride(a);
    registerAt(a);

    restart(3, journal);
    compare();

    assertStatus(InstanceStatus.UP);
  }

  @Test
  void restart_overrideRemovedBeforeTheRestoredDocumentChanged_staysRemoved() {
    TestMember a = start(1);
    TestMember b = start(2);
    registerAt(b);
    setOverride(b);
    network.split(List.of(a.group), List.of(b.group));
    removeOverride(a);
    b.register(
        TestMember.instance("i1").toBuilder().metadata(Map.of("zone", "z1")).build());
    List<PersistedLease> journal = crash(b);

    restart(3, journal);
    pass(5_000);
    registerAt(a);
    compare();

    assertStatus(InstanceStatus.UP);
  }

  @Test
  void restart_overrideSetElsewhere_isSet() {
    TestMember a = start(1);
    TestMember b = start(2);
    registerAt(b);
    List<PersistedLease> journal = crash(b);
    setOverride(a);

    restart(3, journal);
    compare();

    assertStatus(SET);
  }

  @Test
  void restart_overrideSetElsewhereBeforeTheRestoredDocumentChanged_isSet() {
    TestMember a = start(1);
    TestMember b = start(2);
    registerAt(b);
    network.split(List.of(a.group), List.of(b.group));
    setOverride(a);
    b.register(
        TestMember.instance("i1").toBuilder().metadata(Map.of("zone", "z1")).build());
    List<PersistedLease> journal = crash(b);

    restart(3, journal);
    compare();

    assertThat(a.find("i1").metadata()).containsEntry("zone", "z1");
    assertStatus(SET);
  }

  @Test
  void restart_overrideThatNoOtherMemberHas_isKept() {
    TestMember a = start(1);
    TestMember b = start(2);
    registerAt(b);
    network.split(List.of(a.group), List.of(b.group));
    setOverride(b);
    List<PersistedLease> journal = crash(b);

    restart(3, journal);
    compare();

    assertStatus(SET);
  }

  @Test
  void restart_ofAllMembers_keepsOverrides() {
    TestMember a = start(1);
    TestMember b = start(2);
    registerAt(b);
    setOverride(a);
    List<PersistedLease> journalOfA = crash(a);
    List<PersistedLease> journalOfB = crash(b);

    restart(3, journalOfA);
    restart(4, journalOfB);
    compare();

    assertStatus(SET);
  }

  @Test
  void restart_ofAllMembersWithAnOverrideOfOneJournal_keepsTheLaterState() {
    assertLaterStateIsKept(member -> {}, this::setOverride, SET);
  }

  @Test
  void restart_ofAllMembersWithAnOverrideThatWasRemoved_keepsTheLaterState() {
    assertLaterStateIsKept(this::setOverride, this::removeOverride, InstanceStatus.UP);
  }

  /**
   * Restarts two members, once with the older journal first and once with the later one.
   *
   * @param before done before the first member crashes, so that both journals have it
   * @param change done afterwards, so that only the later journal has it
   */
  private void assertLaterStateIsKept(
      Consumer<TestMember> before, Consumer<TestMember> change, InstanceStatus expected) {
    for (boolean isOlderFirst : List.of(true, false)) {
      TestMember a = start(1);
      TestMember b = start(2);
      registerAt(a);
      before.accept(a);
      List<PersistedLease> older = crash(b);
      change.accept(a);
      List<PersistedLease> later = crash(a);

      restart(3, isOlderFirst ? older : later);
      restart(4, isOlderFirst ? later : older);
      compare();

      assertStatus(expected);
      List.copyOf(members).forEach(this::kill);
    }
  }
}
