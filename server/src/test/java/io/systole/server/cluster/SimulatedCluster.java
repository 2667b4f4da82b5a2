// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.server.cluster.group.MemberId;
import io.systole.server.registry.PersistedLease;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/** The members of a simulated cluster, and the faults that happen to them. */
final class SimulatedCluster {
  private static final int MEMBERS_MIN = 3;
  static final int MEMBERS_MAX = 5;

  /** The largest difference of a wall clock from the true time. */
  private static final int CLOCK_OFFSET_MAX_MS = 5_000;

  private static final int FREEZE_MAX_MS = 25_000;

  private final SimulatedTime time;
  private final SplittableRandom random;
  private final SimulatedNetwork network;
  private final HistoryEvents events;
  private final boolean isSelfPreserving;
  private final boolean isStrict;
  private final List<SimulatedMember> members = new ArrayList<>();

  /** The leases of members that have ended, oldest first. */
  private final List<List<PersistedLease>> journals = new ArrayList<>();

  /** Members that have left in order. */
  private final Set<MemberId> left = new HashSet<>();

  private int started;

  SimulatedCluster(SimulatedTime time, SplittableRandom random, HistoryEvents events) {
    this.time = time;
    this.random = random;
    this.network = new SimulatedNetwork(time, random);
    this.events = events;
    this.isSelfPreserving = random.nextInt(4) == 0;
    this.isStrict = random.nextBoolean();
    int size = random.nextInt(MEMBERS_MIN, MEMBERS_MAX + 1);
    for (int i = 0; i < size; i++) {
      start(List.of());
      time.advance(random.nextInt(3) * 500L);
    }
  }

  /** Returns all members but those that have ended. */
  List<SimulatedMember> members() {
    return members;
  }

  boolean hasLeft(MemberId member) {
    return left.contains(member);
  }

  /** Returns the members that clients can use. */
  List<SimulatedMember> serving() {
    return members.stream().filter(SimulatedMember::isServing).toList();
  }

  boolean isSelfPreserving() {
    return isSelfPreserving;
  }

  SimulatedNetwork network() {
    return network;
  }

  // ---------------------------------------------------------------- faults

  /** Makes a random fault, or ends one. */
  void disturb() {
    switch (random.nextInt(10)) {
      case 0 -> crash();
      case 1 -> leave();
      case 2, 3 -> join();
      case 4, 5 -> freeze();
      case 6, 7 -> split();
      case 8 -> heal();
      default -> stepClock();
    }
  }

  private void start(List<PersistedLease> journal) {
    String name = "m" + started++;
    int protocolMax = random.nextInt(5) == 0 ? 1 : 2;
    SimulatedMember member = new SimulatedMember(
        network.add(name),
        time,
        random,
        clockOffsetMs(),
        journal,
        protocolMax,
        SimulatedMember.rules(isSelfPreserving),
        isStrict);
    members.add(member);
    events.add(journal.isEmpty() ? "join" : "join with journal", () -> name);
    member.start();
  }

  private long clockOffsetMs() {
    return random.nextInt(-CLOCK_OFFSET_MAX_MS, CLOCK_OFFSET_MAX_MS + 1);
  }

  private void join() {
    if (members.size() < MEMBERS_MAX) {
      boolean isRestored = !journals.isEmpty() && random.nextInt(3) > 0;
      start(isRestored ? journals.get(random.nextInt(journals.size())) : List.of());
    }
  }

  private void crash() {
    if (members.size() > 1) {
      SimulatedMember crashed = remove();
      events.add("crash", () -> crashed);
      network.crash(crashed.group);
    }
  }

  private void leave() {
    SimulatedMember leaver = members.get(random.nextInt(members.size()));
    if (members.size() > 1 && leaver.isRunning()) {
      events.add("leave", () -> leaver);
      journals.add(leaver.journal());
      members.remove(leaver);
      left.add(leaver.group.self());
      leaver.leave();
    }
  }

  private SimulatedMember remove() {
    SimulatedMember removed = members.remove(random.nextInt(members.size()));
    journals.add(removed.journal());
    return removed;
  }

  private void freeze() {
    SimulatedMember frozen = members.get(random.nextInt(members.size()));
    if (frozen.isRunning()) {
      int forMs = random.nextInt(random.nextBoolean() ? 2_000 : FREEZE_MAX_MS);
      events.add("freeze", () -> frozen + " for " + forMs + " ms");
      network.freeze(frozen.group);
      time.after(forMs, () -> thaw(frozen));
    }
  }

  private void thaw(SimulatedMember frozen) {
    if (frozen.group.isFrozen() && !frozen.group.isDown()) {
      events.add("thaw", () -> frozen);
      network.thaw(frozen.group);
    }
  }

  private void split() {
    int sides = random.nextInt(2, 4);
    network.split(sides);
    events.add(
        "split",
        () -> members.stream().map(member -> member + "=" + member.group.side()).toList());
  }

  private void heal() {
    if (network.sides() > 1) {
      network.heal();
      events.add("heal", () -> "");
    }
  }

  private void stepClock() {
    SimulatedMember member = members.get(random.nextInt(members.size()));
    long offsetMs = clockOffsetMs();
    member.clock.stepTo(offsetMs);
    events.add("clock step", () -> member + " to " + offsetMs + " ms");
  }

  /** Ends all faults. */
  void settle() {
    members.forEach(this::thaw);
    network.loseNone();
    network.heal();
    events.add("settle", () -> "");
  }

  /** Returns whether all members are complete and in one view. */
  boolean isWhole() {
    return members.stream()
        .allMatch(member -> member.isServing()
            && member.group.view().members().size() == members.size()
            && member.group.view().number() == members.get(0).group.view().number());
  }
}
