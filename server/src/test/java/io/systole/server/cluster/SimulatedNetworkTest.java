// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.cluster.group.GroupListener;
import io.systole.server.cluster.group.GroupView;
import io.systole.server.cluster.group.MemberId;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SimulatedNetworkTest {
  private static final int SEEDS = 100;
  private static final int MESSAGES = 50;

  /** Longer than any detection of a failure. */
  private static final int SETTLE_MS = 30_000;

  /** A member that keeps what it receives. */
  private static final class Recorder implements GroupListener {
    final SimulatedGroup group;
    final List<GroupView> views = new ArrayList<>();
    final List<Integer> received = new ArrayList<>();

    Recorder(SimulatedGroup group) {
      this.group = group;
    }

    @Override
    public void onView(GroupView view) {
      views.add(view);
    }

    @Override
    public void onMessage(MemberId sender, byte[] bytes, int from, int length) {
      assertThat(length).isEqualTo(1);
      received.add((int) bytes[from]);
    }

    GroupView lastView() {
      return views.get(views.size() - 1);
    }
  }

  private SimulatedTime time = new SimulatedTime();
  private SimulatedNetwork network = new SimulatedNetwork(time, new SplittableRandom(0));

  private List<Recorder> members(long seed) {
    time = new SimulatedTime();
    network = new SimulatedNetwork(time, new SplittableRandom(seed));
    List<Recorder> members = new ArrayList<>();
    for (String name : List.of("a", "b", "c")) {
      Recorder member = new Recorder(network.add(name));
      member.group.join(member);
      members.add(member);
    }
    time.advance(SETTLE_MS);
    return members;
  }

  private static void send(SimulatedGroup sender) {
    IntStream.range(0, MESSAGES).forEach(i -> sender.multicast(new byte[] {(byte) i}));
  }

  private static List<Integer> firstNumbers(int count) {
    return IntStream.range(0, count).boxed().toList();
  }

  @Test
  void multicast_toFrozenMember_arrivesInOrderAfterTheThaw() {
    for (int seed = 0; seed < SEEDS; seed++) {
      List<Recorder> members = members(seed);
      network.freeze(members.get(1).group);

      send(members.get(0).group);
      time.advance(5_000);

      assertThat(members.get(1).received).isEmpty();
      assertThat(members.get(2).received).isEqualTo(firstNumbers(MESSAGES));
      network.thaw(members.get(1).group);
      time.advance(SETTLE_MS);
      assertThat(members.get(1).received).isEqualTo(firstNumbers(MESSAGES));
    }
  }

  @Test
  void multicast_senderCrashes_leavesEachReceiverSomeOfTheFirst() {
    boolean areDifferent = false;
    for (int seed = 0; seed < SEEDS; seed++) {
      List<Recorder> members = members(seed);

      send(members.get(0).group);
      network.crash(members.get(0).group);
      time.advance(SETTLE_MS);

      List<Integer> one = members.get(1).received;
      List<Integer> other = members.get(2).received;
      assertThat(one).isEqualTo(firstNumbers(one.size()));
      assertThat(other).isEqualTo(firstNumbers(other.size()));
      areDifferent |= one.size() != other.size();
      assertThat(members.get(1).lastView().members())
          .containsExactlyInAnyOrder(
              members.get(1).group.self(), members.get(2).group.self());
    }
    assertThat(areDifferent).isTrue();
  }

  @Test
  void multicast_senderLeaves_arrivesBeforeTheView() {
    for (int seed = 0; seed < SEEDS; seed++) {
      List<Recorder> members = members(seed);

      send(members.get(0).group);
      members.get(0).group.close();
      time.advance(SETTLE_MS);

      assertThat(members.get(1).received).isEqualTo(firstNumbers(MESSAGES));
      assertThat(members.get(1).lastView().members()).hasSize(2);
    }
  }

  @Test
  void heal_afterSplit_givesAllTheSameMergeView() {
    boolean wasParted = false;
    for (int seed = 0; seed < SEEDS; seed++) {
      List<Recorder> members = members(seed);
      int viewsBefore = members.get(0).views.size();

      network.split(3);
      time.advance(SETTLE_MS);
      wasParted |= members.get(0).lastView().members().size() == 1;
      network.heal();
      time.advance(SETTLE_MS);

      GroupView view = members.get(0).lastView();
      assertThat(view.members()).hasSize(3);
      assertThat(members).allMatch(member -> member.lastView().equals(view));
      assertThat(members.get(0).views.size() == viewsBefore || view.isMerge()).isTrue();
    }
    assertThat(wasParted).isTrue();
  }
}
