// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.registry.Origin;
import io.systole.server.registry.RenewOutcome;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Changes at members that can't reach each other for a while. */
class ReplicaSplitTest extends MemberHistory {
  @Test
  void merge_cancelledOnOneSideAfterChangeOnTheOther_isCancelledEverywhere() {
    TestMember a = start(1);
    TestMember b = start(2);
    a.register("i1");
    settle();
    network.split(List.of(a.group), List.of(b.group));

    assertThat(b.renew("i1")).isEqualTo(RenewOutcome.RENEWED);
    a.registry.cancel(TestMember.key("i1"), Origin.CLIENT);
    settle();
    network.heal();
    pass(5_000);

    assertThat(members).noneMatch(each -> each.has("i1"));
    assertEqualLeases();
  }

  @Test
  void merge_registeredOnBothSidesWithEqualDirtyTimestamps_oneWinsEverywhere() {
    TestMember a = start(1);
    TestMember b = start(2);
    network.split(List.of(a.group), List.of(b.group));

    a.register(
        TestMember.instance("i1").toBuilder().metadata(Map.of("side", "a")).build());
    b.register(
        TestMember.instance("i1").toBuilder().metadata(Map.of("side", "b")).build());
    settle();
    network.heal();
    pass(5_000);

    assertThat(a.find("i1").metadata()).containsEntry("side", "b");
    assertEqualLeases();
  }

  @Test
  void meeting_ofCompleteMembersWithoutAMerge_isComparedAtOnce() {
    TestMember a = start(1);
    TestMember b = start(2);
    network.split(List.of(a.group), List.of(b.group));
    a.register("i1");
    b.register("i2");
    pass(3_000);

    network.split(List.of(a.group, b.group));
    pass(5_000);

    assertThat(a.leases()).hasSize(2);
    assertEqualLeases();
  }

  @Test
  void merge_manyChangesOnBothSides_areEqualWithoutAPeriodicDigest() {
    TestMember a = start(1);
    TestMember b = start(2);
    TestMember c = start(3);
    for (int i = 0; i < 3_000; i++) {
      a.register("i" + i);
    }
    settle();
    network.split(List.of(a.group), List.of(b.group, c.group));
    for (int i = 0; i < 500; i++) {
      a.registry.cancel(TestMember.key("i" + i), Origin.CLIENT);
      b.register("j" + i);
      c.register("i" + (2_000 + i));
    }
    settle();

    network.heal();
    pass(10_000);

    assertEqualLeases();
    assertThat(a.leases()).hasSize(3_000);
    assertThat(a.has("i0")).isFalse();
  }

  @Test
  void evictionByAFrozenOwner_ofLeasesRenewedElsewhere_isUndone() {
    TestMember a = start(1);
    TestMember b = start(2);
    TestMember c = start(3);
    a.register("i1");
    settle();
    network.split(List.of(b.group, c.group));
    for (int i = 0; i < 8; i++) {
      clock.advanceMs(10_000);
      b.renew("i1");
      b.tick();
      c.tick();
      network.deliver();
    }
    assertThat(a.evict()).isEqualTo(1);
    settle();

    network.heal();
    pass(5_000);

    assertThat(members).allMatch(each -> each.has("i1"));
    assertEqualLeases();
  }
}
