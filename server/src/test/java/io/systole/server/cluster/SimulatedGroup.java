// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.server.cluster.group.Group;
import io.systole.server.cluster.group.GroupListener;
import io.systole.server.cluster.group.GroupView;
import io.systole.server.cluster.group.MemberId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A member's end of a simulated network. */
final class SimulatedGroup implements Group {
  private static final GroupView NONE = new GroupView(0, List.of(), false);

  @SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
  private record Unreliable(MemberId sender, byte[] bytes) {}

  /** The lanes to one receiver; their messages have no order among each other. */
  private record Lanes(SimulatedLane multicasts, SimulatedLane unicasts) {
    List<SimulatedLane> both() {
      return List.of(multicasts, unicasts);
    }
  }

  private final SimulatedNetwork network;
  private final MemberId self;
  private final Map<MemberId, Lanes> lanes = new LinkedHashMap<>();
  private final Deque<GroupView> viewsDue = new ArrayDeque<>();
  private final List<Unreliable> heldWhileFrozen = new ArrayList<>();
  private @Nullable GroupListener listener;
  private GroupView view = NONE;
  private int side;
  private boolean isFrozen;
  private boolean isDown;
  private boolean isInCallback;

  SimulatedGroup(SimulatedNetwork network, MemberId self, int side) {
    this.network = network;
    this.self = self;
    this.side = side;
  }

  // ---------------------------------------------------------------- the member's calls

  @Override
  public MemberId self() {
    return self;
  }

  @Override
  public void join(GroupListener newListener) {
    listener = newListener;
    network.join(this);
  }

  @Override
  public boolean multicast(byte[] message) {
    verifySend(message);
    for (SimulatedGroup receiver : network.receivers(this)) {
      lanesTo(receiver).multicasts.send(message, network.delayMs());
    }
    return true;
  }

  @Override
  public void multicastUnreliably(byte[] message) {
    verifySend(message);
    for (SimulatedGroup receiver : network.receivers(this)) {
      network.sendUnreliably(this, receiver, message);
    }
  }

  @Override
  public boolean send(MemberId receiver, byte[] message) {
    verifySend(message);
    for (SimulatedGroup each : network.receivers(this)) {
      if (each.self.equals(receiver)) {
        lanesTo(each).unicasts.send(message, network.delayMs());
        return true;
      }
    }
    return false;
  }

  @Override
  public void close() {
    network.leave(this);
  }

  private void verifySend(byte[] message) {
    if (isInCallback) {
      throw new AssertionError("a listener sends");
    }
    if (message.length > MESSAGE_BYTES_MAX) {
      throw new AssertionError("message of " + message.length + " bytes");
    }
    if (isDown || isFrozen) {
      throw new AssertionError(self + " sends after its end");
    }
  }

  private Lanes lanesTo(SimulatedGroup receiver) {
    return lanes.computeIfAbsent(
        receiver.self,
        any -> new Lanes(
            new SimulatedLane(this, receiver, network.time()),
            new SimulatedLane(this, receiver, network.time())));
  }

  // ---------------------------------------------------------------- the network's calls

  GroupView view() {
    return view;
  }

  /** Returns the last view, which may not have arrived yet. */
  GroupView lastView() {
    GroupView due = viewsDue.peekLast();
    return due == null ? view : due;
  }

  int side() {
    return side;
  }

  void moveTo(int newSide) {
    side = newSide;
  }

  boolean isFrozen() {
    return isFrozen;
  }

  boolean isDown() {
    return isDown;
  }

  boolean hasJoined() {
    return listener != null;
  }

  boolean isReachable(SimulatedGroup other) {
    return side == other.side;
  }

  boolean expectsViewWith(MemberId member, long viewNumber) {
    return viewsDue.stream()
        .anyMatch(due -> due.number() >= viewNumber && due.members().contains(member));
  }

  void addView(GroupView due) {
    viewsDue.add(due);
  }

  /** Receives the next view, with its effect on messages under way. */
  void installView() {
    if (isDown || isFrozen || viewsDue.isEmpty()) {
      return;
    }
    network.beforeView(this, viewsDue.element());
    view = viewsDue.remove();
    network.cutLanes(this);
    isInCallback = true;
    listener().onView(view);
    isInCallback = false;
    network.resume();
  }

  private GroupListener listener() {
    if (listener == null) {
      throw new AssertionError(self + " has not joined");
    }
    return listener;
  }

  void deliver(MemberId sender, byte[] bytes) {
    isInCallback = true;
    if (network.isPadded()) {
      byte[] padded = new byte[bytes.length + 9];
      Arrays.fill(padded, (byte) 0xee);
      System.arraycopy(bytes, 0, padded, 4, bytes.length);
      listener().onMessage(sender, padded, 4, bytes.length);
    } else {
      listener().onMessage(sender, bytes, 0, bytes.length);
    }
    isInCallback = false;
  }

  void deliverUnreliably(MemberId sender, byte[] bytes) {
    if (isFrozen) {
      heldWhileFrozen.add(new Unreliable(sender, bytes));
    } else if (!isDown) {
      deliver(sender, bytes);
    }
  }

  /** Cuts the messages to a receiver that are under way. */
  void cutTo(SimulatedGroup receiver) {
    Lanes cut = lanes.get(receiver.self);
    if (cut != null) {
      cut.both().forEach(lane -> lane.cut(network.random()));
    }
  }

  /** Loses what was sent to a receiver before its view without this member. */
  void cutBefore(SimulatedGroup receiver, long viewNumber) {
    Lanes cut = lanes.get(receiver.self);
    if (cut != null) {
      cut.both().forEach(lane -> lane.cutBefore(viewNumber));
    }
  }

  void scheduleLanes() {
    lanes.values().forEach(each -> each.both().forEach(SimulatedLane::schedule));
  }

  /** Returns when the messages so far arrive if nothing delays them. */
  long lastArrivalMs() {
    return lanes.values().stream()
        .flatMap(each -> each.both().stream())
        .filter(lane -> !lane.isEmpty())
        .mapToLong(SimulatedLane::lastAtMs)
        .max()
        .orElse(0);
  }

  void freeze() {
    isFrozen = true;
  }

  /** Continues with what has arrived meanwhile. */
  void thaw() {
    isFrozen = false;
    List<Unreliable> held = List.copyOf(heldWhileFrozen);
    heldWhileFrozen.clear();
    held.forEach(message -> deliver(message.sender, message.bytes));
    while (!viewsDue.isEmpty()) {
      installView();
    }
  }

  void end() {
    isDown = true;
    viewsDue.clear();
    heldWhileFrozen.clear();
  }
}
