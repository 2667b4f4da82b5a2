// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.cluster.group.GroupView;
import io.systole.server.cluster.group.MemberId;
import io.systole.server.cluster.message.Message.Hello;
import java.util.List;
import org.junit.jupiter.api.Test;

class MembershipTest {
  private static final MemberId SELF = new MemberId(1, "self");
  private static final MemberId A = new MemberId(2, "a");
  private static final MemberId B = new MemberId(3, "b");

  private final Membership membership = new Membership(SELF, 2);

  private List<MemberId> view(long number, MemberId... members) {
    return membership.replaceView(new GroupView(number, List.of(members), false), 1_000);
  }

  private static Hello hello(int protocolMin, int protocolMax, boolean isComplete) {
    return new Hello(protocolMin, protocolMax, isComplete, false, "a", "http://a/", "9");
  }

  @Test
  void replaceView_memberHasLeft_isReturnedUnlessItAnnouncedThat() {
    view(1, A, B, SELF);
    membership.addDrain(B);

    assertThat(view(2, SELF)).containsExactly(A);
  }

  @Test
  void addHello_beforeTheViewOfItsSender_isKept() {
    view(1, SELF);
    membership.addHello(A, hello(1, 2, true));

    view(2, SELF, A);

    assertThat(membership.view().donors()).extracting(ClusterView.Entry::id).containsExactly(A);
    assertThat(membership.protocolVersion()).isEqualTo(2);
  }

  @Test
  void addHello_ofTooManyStrangers_isDropped() {
    view(1, SELF);
    for (int i = 10; i < 200; i++) {
      membership.addHello(new MemberId(i, "m"), hello(1, 2, true));
    }
    view(2, SELF, new MemberId(10, "m"), new MemberId(199, "m"));

    assertThat(membership.view().donors()).hasSize(1);
  }

  @Test
  void addHello_incompatibleCompleteMember_refusesTheNewcomer() {
    view(1, A, SELF);

    assertThat(membership.addHello(A, hello(3, 4, true)))
        .isEqualTo("protocol 3..4 of member a build 9 does not meet 1..2");
    assertThat(membership.view().donors()).isEmpty();
  }

  @Test
  void addHello_incompatibleNewcomerBeforeItsView_doesNotRefuseAJoiningMember() {
    view(1, SELF, A);

    assertThat(membership.addHello(B, hello(3, 4, false))).isNull();
  }

  @Test
  void addHello_incompatibleNewcomer_doesNotRefuseACompleteMember() {
    view(1, SELF, A);
    membership.setComplete();

    assertThat(membership.addHello(A, hello(3, 4, false))).isNull();
    assertThat(membership.protocolVersion()).isEqualTo(2);
  }

  @Test
  void describe_urlAndLastBeat_areThoseOfTheMember() {
    view(1, SELF, A);
    membership.addHello(A, hello(1, 1, true));
    membership.addBeat(A, 77);
    membership.addBeat(B, 78);

    assertThat(membership.describe("http://self/"))
        .containsExactly(
            new ClusterStatus.Member(SELF, "http://self/", true, false, false, 2, 0),
            new ClusterStatus.Member(A, "http://a/", false, true, false, 1, 77));
  }
}
