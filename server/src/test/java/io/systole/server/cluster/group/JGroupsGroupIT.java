// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.group;

import static io.systole.server.cluster.group.GroupFixture.awaitMembers;
import static io.systole.server.cluster.group.GroupFixture.awaitTrue;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jgroups.protocols.DISCARD;
import org.jgroups.protocols.TP;
import org.jgroups.stack.ProtocolStack;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;

@ResourceLock(value = GroupFixture.LOG, mode = ResourceAccessMode.READ)
class JGroupsGroupIT {
  private final GroupRecorder first = new GroupRecorder();
  private final GroupRecorder second = new GroupRecorder();
  private final GroupRecorder third = new GroupRecorder();
  private GroupFixture fixture;

  @BeforeEach
  void reservePorts() throws IOException {
    fixture = new GroupFixture(3);
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void open_wildcard_isRefused() {
    GroupSettings settings = new GroupSettings(
        "test", GroupFixture.address("0.0.0.0", 0), List.of(), null, null, null, null);

    assertThatThrownBy(() -> fixture.open(settings))
        .isInstanceOf(IOException.class)
        .hasMessage("members of the cluster need one address of this machine, not 0.0.0.0");
  }

  @Test
  void open_takenPort_namesAddress() throws IOException {
    try (ServerSocket other = new ServerSocket()) {
      other.bind(fixture.bind(0));

      assertThatThrownBy(() -> fixture.open(fixture.settings(0)))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("cannot listen for members of the cluster at 127.0.0.1:"
              + fixture.bind(0).getPort() + ": Address already in use");
    }
  }

  @Test
  void join_alone_receivesViewBefore() throws IOException {
    JGroupsGroup group = fixture.open(fixture.settings(0));

    group.join(first);

    assertThat(first.views()).containsExactly(new GroupView(1, List.of(group.self()), false));
    assertThat(group.self().name()).isEqualTo("127.0.0.1:" + fixture.bind(0).getPort());
  }

  @Test
  void join_portZero_namesPort() throws IOException {
    JGroupsGroup group = fixture.open(new GroupSettings(
        "test", GroupFixture.address("127.0.0.1", 0), List.of(), null, null, null, null));

    group.join(first);

    assertThat(group.self().name()).matches("127\\.0\\.0\\.1:[1-9]\\d{3,4}");
  }

  @Test
  void join_threeMembers_haveSameViewOldestFirst() throws IOException {
    List<JGroupsGroup> groups = fixture.join(List.of(first, second, third));

    List<MemberId> members = groups.stream().map(JGroupsGroup::self).toList();
    assertThat(first.view().members()).isEqualTo(members);
    assertThat(second.view().members()).isEqualTo(members);
    assertThat(third.view().members()).isEqualTo(members);
    assertThat(first.views()).extracting(GroupView::number).containsExactly(1L, 2L, 3L);
    assertThat(third.views().get(0).number()).isOne();
    assertThat(third.view().members()).extracting(MemberId::name).doesNotHaveDuplicates();
  }

  @Test
  void multicast_manyOfAllSizes_arriveOnceInOrder() throws IOException {
    List<JGroupsGroup> groups = fixture.join(List.of(first, second, third));
    List<String> sent = IntStream.range(0, 300)
        .mapToObj(i -> i + " " + "x".repeat(i % 50 == 49 ? 200_000 : i))
        .toList();

    sent.forEach(text -> groups.get(1).multicast(bytes(text)));

    awaitTrue(() -> first.messages().size() >= 300 && third.messages().size() >= 300);
    assertThat(first.messages()).isEqualTo(sent);
    assertThat(third.messages()).isEqualTo(sent);
    assertThat(second.messages()).isEmpty();
    assertThat(first.senders()).containsOnly(groups.get(1).self());
  }

  @Test
  void multicastUnreliably_fewMessages_arriveAtOthers() throws IOException {
    List<JGroupsGroup> groups = fixture.join(List.of(first, second));

    groups.get(0).multicastUnreliably(new byte[Group.UNRELIABLE_BYTES_MAX]);
    groups.get(0).multicastUnreliably(bytes("beat"));

    awaitTrue(() -> second.messages().size() == 2);
    assertThat(second.messages()).contains("beat");
    assertThat(first.messages()).isEmpty();
  }

  @Test
  void send_toOneMember_arrivesThereOnly() throws IOException {
    List<JGroupsGroup> groups = fixture.join(List.of(first, second, third));

    boolean isSent = groups.get(0).send(groups.get(2).self(), bytes("pull"));
    groups.get(0).multicast(bytes("afterwards"));

    awaitTrue(() -> third.messages().size() == 2 && !second.messages().isEmpty());
    assertThat(isSent).isTrue();
    assertThat(third.messages()).containsExactlyInAnyOrder("pull", "afterwards");
    assertThat(second.messages()).containsExactly("afterwards");
  }

  @Test
  void send_toAbsentMember_returnsFalse() throws IOException {
    List<JGroupsGroup> groups = fixture.join(List.of(first, second));

    assertThat(groups.get(0).send(new MemberId(1, "nobody"), bytes("pull"))).isFalse();
    assertThat(groups.get(0).send(groups.get(0).self(), bytes("own"))).isFalse();
    groups.get(0).multicast(bytes("afterwards"));

    awaitTrue(() -> !second.messages().isEmpty());
    assertThat(second.messages()).containsExactly("afterwards");
    assertThat(first.messages()).isEmpty();
  }

  @Test
  void send_tooLarge_isRefused() throws IOException {
    JGroupsGroup group = fixture.open(fixture.settings(0));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> group.multicastUnreliably(new byte[Group.UNRELIABLE_BYTES_MAX + 1]))
        .withMessage("message of 60001 bytes, at most 60000");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> group.multicast(new byte[Group.MESSAGE_BYTES_MAX + 1]));
  }

  @Test
  void send_channelIsClosed_returnsFalse() throws IOException {
    List<JGroupsGroup> groups = fixture.join(List.of(first, second));
    JGroupsGroup group = groups.get(0);
    assertThat(group.multicast(bytes("before"))).isTrue();

    group.channel().close();

    assertThat(group.multicast(bytes("lost"))).isFalse();
    assertThat(group.send(groups.get(1).self(), bytes("lost"))).isFalse();
  }

  @Test
  void send_beforeJoinAndAfterClose_isIgnored() throws IOException {
    List<JGroupsGroup> groups = fixture.join(List.of(first, second));
    MemberId other = groups.get(1).self();
    JGroupsGroup unjoined = fixture.open(fixture.settings(2));

    unjoined.multicast(bytes("early"));
    groups.get(0).close();
    groups.get(0).multicast(bytes("late"));
    groups.get(0).multicastUnreliably(bytes("late"));
    groups.get(0).send(other, bytes("late"));

    awaitMembers(second, 1);
    assertThat(second.messages()).isEmpty();
  }

  @Test
  void close_oldestOfThree_othersReceiveViewInOrder() throws IOException {
    List<JGroupsGroup> groups = fixture.join(List.of(first, second, third));
    int viewsBefore = first.views().size();

    groups.get(0).close();

    awaitMembers(second, 2);
    awaitMembers(third, 2);
    assertThat(second.view().members())
        .containsExactly(groups.get(1).self(), groups.get(2).self());
    assertThat(second.view().isMerge()).isFalse();
    assertThat(first.views()).hasSize(viewsBefore);
  }

  @Test
  void close_afterTraffic_leavesNoThread() throws Exception {
    // Other tests have clusters in this JVM; a thread is in the group of the one that started it.
    ThreadGroup own = new ThreadGroup("own");
    FutureTask<Set<String>> traffic = new FutureTask<>(() -> {
      List<JGroupsGroup> groups = fixture.join(List.of(first, second));
      groups.get(0).multicast(bytes("message"));
      awaitTrue(() -> !second.messages().isEmpty());
      Set<String> open = clusterThreadsOf(own);
      groups.forEach(JGroupsGroup::close);
      return open;
    });
    new Thread(own, traffic, "traffic").start();

    assertThat(traffic.get(60, TimeUnit.SECONDS)).contains("systole-cluster-watch");
    awaitTrue(() -> clusterThreadsOf(own).isEmpty());
    try (ServerSocket port = new ServerSocket()) {
      port.bind(fixture.bind(0));
    }
  }

  private static Set<String> clusterThreadsOf(ThreadGroup group) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> group.equals(thread.getThreadGroup()))
        .map(Thread::getName)
        .filter(name -> name.contains("cluster") || name.contains(",test,"))
        .collect(Collectors.toSet());
  }

  @Test
  void crash_ofCoordinator_isNoticedByClosedConnections() throws IOException {
    List<JGroupsGroup> groups = fixture.join(List.of(first, second, third));

    groups.get(0).crash();

    awaitMembers(second, 2);
    awaitMembers(third, 2);
    assertThat(third.view().members())
        .containsExactly(groups.get(1).self(), groups.get(2).self());
  }

  @Test
  void join_sameAddressAgain_isNewMember() throws IOException {
    List<JGroupsGroup> groups = fixture.join(List.of(first, second));
    groups.get(1).crash();
    GroupRecorder again = new GroupRecorder();

    JGroupsGroup restarted = fixture.open(fixture.settings(1));
    restarted.join(again);

    awaitTrue(() -> first.view().members().equals(List.of(groups.get(0).self(), restarted.self())));
    assertThat(restarted.self()).isNotEqualTo(groups.get(1).self());
    assertThat(restarted.self().name()).isEqualTo(groups.get(1).self().name());
  }

  @Test
  void split_healed_mergesWithGrowingNumbers() throws Exception {
    JGroupsGroup one = fixture.open(fixture.settings(0), impatient(200));
    one.join(first);
    JGroupsGroup other = fixture.open(fixture.settings(1), impatient(10_000));
    other.join(second);
    awaitMembers(first, 2);
    DISCARD discard = new DISCARD().discardAll(true);

    one.channel()
        .getProtocolStack()
        .insertProtocol(discard, ProtocolStack.Position.ABOVE, TP.class);
    awaitMembers(first, 1);
    awaitMembers(second, 1);
    one.multicast(bytes("lost"));
    discard.discardAll(false);

    awaitMembers(first, 2);
    awaitMembers(second, 2);
    assertThat(first.view().isMerge()).isTrue();
    assertThat(second.view().isMerge()).isTrue();
    assertThat(first.view().members()).isEqualTo(second.view().members());
    assertThat(first.views()).extracting(GroupView::number).isSorted().doesNotHaveDuplicates();
    other.multicast(bytes("afterwards"));
    awaitTrue(() -> first.messages().contains("afterwards"));
    assertThat(second.messages()).doesNotContain("lost");
  }

  private static GroupTimeouts impatient(long joinMs) {
    return new GroupTimeouts(joinMs, 1_500, 300, 200, 600);
  }

  @Test
  void join_dnsName_findsMemberAtItsAddress() throws IOException {
    JGroupsGroup one = fixture.open(dnsSettings("127.0.0.1"));
    one.join(first);

    JGroupsGroup other = fixture.open(dnsSettings("127.0.0.2"));
    other.join(second);

    assertThat(second.view().members()).containsExactly(one.self(), other.self());
    awaitMembers(first, 2);
  }

  private GroupSettings dnsSettings(String address) {
    return new GroupSettings(
        "test",
        GroupFixture.address(address, fixture.bind(0).getPort()),
        List.of(),
        "localhost",
        null,
        null,
        null);
  }

  @Test
  void join_unknownNames_isAlone() throws IOException {
    JGroupsGroup group = fixture.open(new GroupSettings(
        "test", fixture.bind(0), List.of(), "does-not-exist.invalid", null, null, null));

    group.join(first);

    assertThat(first.view().members()).containsExactly(group.self());
  }
}
