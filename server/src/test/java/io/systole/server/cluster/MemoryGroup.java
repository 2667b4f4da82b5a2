// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.server.cluster.group.Group;
import io.systole.server.cluster.group.GroupListener;
import io.systole.server.cluster.group.GroupView;
import io.systole.server.cluster.group.MemberId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A member's end of a group without a network: messages wait until a test delivers them. */
final class MemoryGroup implements Group {
  /** The members in the order of their joins, and the messages between them. */
  static final class Network {
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    private record Packet(MemoryGroup sender, MemoryGroup receiver, byte[] bytes) {}

    private final List<MemoryGroup> members = new ArrayList<>();
    private final Deque<Packet> packets = new ArrayDeque<>();
    private long viewNumber;

    /** Messages that are lost, by their first byte. */
    Predicate<Integer> isLost = kind -> false;

    /** Delivers all messages to the members that their senders still reach. */
    boolean deliver() {
      boolean isAny = !packets.isEmpty();
      while (!packets.isEmpty()) {
        Packet packet = packets.remove();
        if (packet.receiver.view.contains(packet.sender) && !packet.receiver.isDown) {
          packet
              .receiver
              .listener()
              .onMessage(packet.sender.self, packet.bytes, 0, packet.bytes.length);
        }
      }
      return isAny;
    }

    /** Loses all messages under way. */
    void drop() {
      packets.clear();
    }

    /** Gives each of these sides a view of its own. */
    @SafeVarargs
    final void split(List<MemoryGroup>... sides) {
      for (List<MemoryGroup> side : sides) {
        install(side, false);
      }
    }

    void heal() {
      install(List.copyOf(members), true);
    }

    private void install(List<MemoryGroup> side, boolean isMerge) {
      viewNumber++;
      List<MemberId> ids = side.stream().map(MemoryGroup::self).toList();
      for (MemoryGroup member : side) {
        member.view = List.copyOf(side);
        member.listener().onView(new GroupView(viewNumber, ids, isMerge));
      }
    }

    void kill(MemoryGroup member) {
      member.isDown = true;
      packets.removeIf(each -> each.sender == member);
      remove(member);
    }

    private void remove(MemoryGroup member) {
      members.remove(member);
      List<MemoryGroup> rest = new ArrayList<>(member.view);
      rest.remove(member);
      install(rest, false);
    }
  }

  private final Network network;
  private final MemberId self;
  private List<MemoryGroup> view = List.of();
  private @Nullable GroupListener listener;
  private boolean isDown;

  /** Whether it can't send reliably, like a channel that is not connected. */
  boolean isRefusing;

  MemoryGroup(Network network, MemberId self) {
    this.network = network;
    this.self = self;
  }

  private GroupListener listener() {
    return Objects.requireNonNull(listener);
  }

  @Override
  public MemberId self() {
    return self;
  }

  @Override
  public void join(GroupListener newListener) {
    listener = newListener;
    network.members.add(this);
    network.install(List.copyOf(network.members), false);
  }

  @Override
  public boolean multicast(byte[] message) {
    if (isRefusing) {
      return false;
    }
    view.stream().filter(each -> each != this).forEach(each -> add(each, message));
    return true;
  }

  @Override
  public void multicastUnreliably(byte[] message) {
    boolean unused = multicast(message);
  }

  @Override
  public boolean send(MemberId receiver, byte[] message) {
    List<MemoryGroup> receivers =
        view.stream().filter(each -> each != this && each.self.equals(receiver)).toList();
    if (isRefusing || receivers.isEmpty()) {
      return false;
    }
    receivers.forEach(each -> add(each, message));
    return true;
  }

  private void add(MemoryGroup receiver, byte[] message) {
    if (!network.isLost.test((int) message[0])) {
      network.packets.add(new Network.Packet(this, receiver, message));
    }
  }

  @Override
  public void close() {
    network.deliver();
    isDown = true;
    network.remove(this);
  }
}
