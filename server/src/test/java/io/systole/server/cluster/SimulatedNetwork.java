// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.server.cluster.group.GroupView;
import io.systole.server.cluster.group.MemberId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;

/**
 * A network of members in one thread. It delays messages, reorders those of different senders,
 * loses unreliable ones, and parts the members into sides. Failures are detected some seconds late;
 * until then the members have their old views. Its decisions depend only on the seed.
 */
final class SimulatedNetwork {
  /** The maximum delay of a message in different histories. */
  private static final int[] DELAYS_MAX_MS = {1, 5, 30, 150};

  /** Delays of retransmitted messages are as many times longer. */
  private static final int RETRANSMISSION = 10;

  /** A member's view arrives at most this late. */
  private static final int VIEW_DELAY_MAX_MS = 200;

  private final SimulatedTime time;
  private final SplittableRandom random;
  private final List<SimulatedGroup> groups = new ArrayList<>();
  private final int delayMaxMs;
  private int lostPercent;
  private long views;
  private BiConsumer<SimulatedGroup, GroupView> viewListener = (group, next) -> {};

  SimulatedNetwork(SimulatedTime time, SplittableRandom random) {
    this.time = time;
    this.random = random;
    this.delayMaxMs = DELAYS_MAX_MS[random.nextInt(DELAYS_MAX_MS.length)];
    this.lostPercent = random.nextInt(3) * 10;
  }

  /** Sets a listener called before a member receives a view. */
  void onView(BiConsumer<SimulatedGroup, GroupView> listener) {
    viewListener = listener;
  }

  void beforeView(SimulatedGroup group, GroupView next) {
    viewListener.accept(group, next);
  }

  /** Adds a member that has not joined. */
  SimulatedGroup add(String name) {
    SimulatedGroup group =
        new SimulatedGroup(this, new MemberId(random.nextLong(), name), random.nextInt(sides()));
    groups.add(group);
    return group;
  }

  SimulatedTime time() {
    return time;
  }

  SplittableRandom random() {
    return random;
  }

  /** Returns the number of sides, 1 while the network is whole. */
  int sides() {
    return groups.stream().mapToInt(SimulatedGroup::side).max().orElse(0) + 1;
  }

  long views() {
    return views;
  }

  // ---------------------------------------------------------------- messages

  long delayMs() {
    long delay = random.nextInt(delayMaxMs + 1);
    return random.nextInt(50) == 0 ? delay * RETRANSMISSION : delay;
  }

  /** Returns the longest time that a message takes between members that are connected. */
  long delayMaxMs() {
    return (long) delayMaxMs * RETRANSMISSION;
  }

  /** Loses no more messages. */
  void loseNone() {
    lostPercent = 0;
  }

  boolean isPadded() {
    return random.nextInt(100) == 0;
  }

  /** Returns the members that receive what a member sends: its view without itself. */
  List<SimulatedGroup> receivers(SimulatedGroup sender) {
    List<SimulatedGroup> receivers = new ArrayList<>(groups.size());
    for (SimulatedGroup group : groups) {
      if (group != sender && sender.view().members().contains(group.self())) {
        receivers.add(group);
      }
    }
    return receivers;
  }

  void sendUnreliably(SimulatedGroup from, SimulatedGroup to, byte[] bytes) {
    if (random.nextInt(100) >= lostPercent) {
      time.after(delayMs(), () -> {
        boolean isForeign = !to.view().members().contains(from.self());
        if (from.isReachable(to) && to.hasJoined() && !(isForeign && random.nextBoolean())) {
          to.deliverUnreliably(from.self(), bytes);
        }
      });
    }
  }

  // ---------------------------------------------------------------- members

  /** Joins the oldest member that is reachable; sometimes does not find it, until a merge. */
  void join(SimulatedGroup joiner) {
    List<SimulatedGroup> others = reachable(joiner.side());
    others.remove(joiner);
    boolean isFound = !others.isEmpty() && random.nextInt(20) > 0;
    List<MemberId> members = new ArrayList<>();
    if (isFound) {
      members.addAll(others.get(0).lastView().members());
    }
    members.add(joiner.self());
    GroupView next = new GroupView(++views, members, false);
    joiner.addView(next);
    joiner.installView();
    for (SimulatedGroup other : others) {
      if (members.contains(other.self())) {
        schedule(other, next);
      }
    }
    if (!isFound) {
      detectAfter(2_000, 6_000);
    }
  }

  /** Leaves in order: what it sent arrives before the view without it, if nothing delays it. */
  void leave(SimulatedGroup leaver) {
    long lastArrivalMs = leaver.lastArrivalMs();
    leaver.end();
    time.at(lastArrivalMs + 1 + random.nextInt(100), () -> {
      groups.remove(leaver);
      updateViews();
    });
  }

  /** Ends a member at once. Each other member has received some of its last messages. */
  void crash(SimulatedGroup crashed) {
    groups.forEach(crashed::cutTo);
    crashed.end();
    groups.remove(crashed);
    // The closed connection is usually noticed.
    if (random.nextInt(3) > 0) {
      detectAfter(10, 2_000);
    } else {
      detectAfter(8_000, 10_000);
    }
  }

  /** Stops a member; the others notice it if it takes long. */
  void freeze(SimulatedGroup frozen) {
    frozen.freeze();
    detectAfter(8_000, 12_000);
  }

  /** Continues a member; it returns by a merge if the others have removed it. */
  void thaw(SimulatedGroup frozen) {
    frozen.thaw();
    resume();
    detectAfter(500, 6_000);
  }

  /** Parts the members at random. */
  void split(int sides) {
    groups.forEach(group -> group.moveTo(random.nextInt(sides)));
    resume();
    detectAfter(8_000, 12_000);
  }

  void heal() {
    groups.forEach(group -> group.moveTo(0));
    resume();
    detectAfter(2_000, 6_000);
  }

  /** Delivers messages that had to wait, as far as they still do not. */
  void resume() {
    groups.forEach(SimulatedGroup::scheduleLanes);
  }

  // ---------------------------------------------------------------- views

  private void detectAfter(int minMs, int maxMs) {
    time.after(random.nextInt(minMs, maxMs + 1), this::updateViews);
  }

  private List<SimulatedGroup> reachable(int side) {
    List<SimulatedGroup> reachable = new ArrayList<>();
    for (SimulatedGroup group : groups) {
      if (group.side() == side && group.hasJoined() && !group.isFrozen() && !group.isDown()) {
        reachable.add(group);
      }
    }
    return reachable;
  }

  /** Gives the members of each side a view of their own, if they do not have it. */
  private void updateViews() {
    int sides = sides();
    for (int side = 0; side < sides; side++) {
      List<SimulatedGroup> members = reachable(side);
      if (!members.isEmpty() && !isCurrent(members)) {
        GroupView next = new GroupView(++views, order(members), isMerge(members));
        members.forEach(member -> schedule(member, next));
      }
    }
  }

  private static boolean isCurrent(List<SimulatedGroup> members) {
    GroupView view = members.get(0).lastView();
    return view.members().size() == members.size()
        && members.stream().allMatch(member -> member.lastView().number() == view.number());
  }

  private static boolean isMerge(List<SimulatedGroup> members) {
    return members.stream()
        .anyMatch(one ->
            members.stream().anyMatch(other -> !one.lastView().members().contains(other.self())));
  }

  /** Returns the members of one view after those of another, each in their order. */
  private List<MemberId> order(List<SimulatedGroup> members) {
    List<SimulatedGroup> shuffled = new ArrayList<>(members);
    for (int i = shuffled.size() - 1; i > 0; i--) {
      Collections.swap(shuffled, i, random.nextInt(i + 1));
    }
    Set<MemberId> ordered = new LinkedHashSet<>();
    Set<MemberId> present = new LinkedHashSet<>();
    members.forEach(member -> present.add(member.self()));
    for (SimulatedGroup group : shuffled) {
      group.lastView().members().stream().filter(present::contains).forEach(ordered::add);
    }
    return List.copyOf(ordered);
  }

  private void schedule(SimulatedGroup member, GroupView next) {
    member.addView(next);
    time.after(random.nextInt(VIEW_DELAY_MAX_MS + 1), member::installView);
  }

  /** Loses messages between a member and those that its new view does not have. */
  void cutLanes(SimulatedGroup member) {
    GroupView view = member.view();
    for (SimulatedGroup other : groups) {
      if (!view.members().contains(other.self())) {
        member.cutTo(other);
        other.cutBefore(member, view.number());
      }
    }
  }
}
