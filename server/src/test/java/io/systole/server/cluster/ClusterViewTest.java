// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.cluster.ClusterView.Entry;
import io.systole.server.cluster.group.MemberId;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ClusterViewTest {
  private static Entry entry(long epoch, long self, boolean isComplete, boolean isDraining) {
    return new Entry(
        new MemberId(epoch, "m" + epoch), epoch == self, true, true, isComplete, isDraining, 2, "");
  }

  /** Returns a view of complete members as one of them has it. */
  private static ClusterView view(long self, long... epochs) {
    return new ClusterView(
        1,
        0,
        LongStream.of(epochs).mapToObj(each -> entry(each, self, true, false)).toList());
  }

  @Test
  void isResponsible_ownerInTheView_isTheOwner() {
    assertThat(view(1, 1, 2, 3).isResponsible(1, 5)).isTrue();
    assertThat(view(2, 1, 2, 3).isResponsible(1, 5)).isFalse();
  }

  @Test
  void isResponsible_ownerHasLeft_isOneOfTheMembersForEachKey() {
    int[] leases = new int[4];
    for (long key = 0; key < 3_000; key++) {
      int selected = 0;
      for (int self = 1; self <= 3; self++) {
        if (view(self, 1, 2, 3).isResponsible(99, key * 0x9e3779b97f4a7c15L)) {
          selected++;
          leases[self]++;
        }
      }
      assertThat(selected).isEqualTo(1);
    }
    assertThat(leases[1]).isBetween(800, 1_200);
    assertThat(leases[2]).isBetween(800, 1_200);
  }

  @Test
  void isResponsible_incompleteOrDrainingMember_isNotSelected() {
    for (long key = 0; key < 100; key++) {
      ClusterView view = new ClusterView(
          1,
          0,
          List.of(entry(1, 3, false, false), entry(2, 3, true, true), entry(3, 3, true, false)));

      assertThat(view.isResponsible(99, key)).isTrue();
      assertThat(view.isResponsible(2, key)).isTrue();
    }
  }

  @Test
  void isGateway_ofEachPeer_isOneMember() {
    for (int peer = 0; peer < 50; peer++) {
      String url = "http://peer" + peer + "/eureka/";
      long gateways = LongStream.of(1, 2, 3)
          .filter(self -> view(self, 1, 2, 3).isGateway(url))
          .count();

      assertThat(gateways).isEqualTo(1);
    }
  }

  @Test
  void isFirstOfIncomplete_memberHasNotGreeted_isFalse() {
    Entry self = entry(1, 1, false, false);
    Entry silent = new Entry(new MemberId(2, "m2"), false, false, true, false, false, 1, "");

    assertThat(new ClusterView(1, 0, List.of(self, silent)).canBootstrap()).isFalse();
    assertThat(new ClusterView(1, 0, List.of(self)).canBootstrap()).isTrue();
    assertThat(new ClusterView(1, 0, List.of(self, entry(2, 1, false, false))).canBootstrap())
        .isTrue();
    assertThat(new ClusterView(1, 0, List.of(self, entry(2, 1, true, false))).canBootstrap())
        .isFalse();
    assertThat(ClusterView.NONE.canBootstrap()).isFalse();
  }

  @Test
  void protocolVersion_silentMember_isTheOldest() {
    Entry silent = new Entry(new MemberId(2, "m2"), false, false, true, false, false, 1, "");

    assertThat(new ClusterView(1, 0, List.of(entry(1, 1, true, false), silent)).protocolVersion())
        .isEqualTo(1);
    assertThat(view(1, 1, 2).protocolVersion()).isEqualTo(2);
  }
}
