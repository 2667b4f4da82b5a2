// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.server.cluster.group.GroupView;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.SplittableRandom;

/**
 * The reliable messages from one member to another, in their order. While the receiver is frozen,
 * or not reachable, they wait. They are lost only where a view parts the two members, or where one
 * of them ends: then from a random message on.
 */
final class SimulatedLane {
  @SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
  private record Message(byte[] bytes, long atMs, long viewNumber) {}

  private final SimulatedGroup from;
  private final SimulatedGroup to;
  private final SimulatedTime time;
  private final Deque<Message> messages = new ArrayDeque<>();
  private long lastAtMs;

  /** The view of the receiver from which on it takes messages again, after some were lost. */
  private long viewRequired;

  private boolean isScheduled;

  SimulatedLane(SimulatedGroup from, SimulatedGroup to, SimulatedTime time) {
    this.from = from;
    this.to = to;
    this.time = time;
  }

  void send(byte[] bytes, long delayMs) {
    lastAtMs = Math.max(lastAtMs, time.nowMs() + delayMs);
    messages.add(new Message(bytes, lastAtMs, from.view().number()));
    schedule();
  }

  /** Returns when the last message so far arrives if nothing delays it. */
  long lastAtMs() {
    return lastAtMs;
  }

  boolean isEmpty() {
    return messages.isEmpty();
  }

  /** Delivers what had to wait; called when the receiver or the network has changed. */
  void schedule() {
    Message head = messages.peek();
    if (head != null && !isScheduled) {
      isScheduled = true;
      time.at(head.atMs, this::deliver);
    }
  }

  private void deliver() {
    isScheduled = false;
    for (Message head = messages.peek(); head != null; head = messages.peek()) {
      if (head.atMs > time.nowMs()) {
        schedule();
        return;
      }
      if (to.isDown()) {
        messages.clear();
        return;
      }
      boolean isTaken = isTaken(head);
      boolean isAwaited = !isTaken && to.expectsViewWith(from.self(), head.viewNumber);
      if (to.isFrozen() || !to.isReachable(from) || isAwaited) {
        return;
      }
      messages.remove();
      if (isTaken) {
        to.deliver(from.self(), head.bytes);
      } else {
        viewRequired = Math.max(viewRequired, head.viewNumber + 1);
      }
    }
  }

  /** Returns whether the receiver's view has the sender, and no message before is missing. */
  private boolean isTaken(Message message) {
    GroupView view = to.view();
    return view.members().contains(from.self())
        && (message.viewNumber < viewRequired || view.number() >= viewRequired);
  }

  /** Loses the messages from a random one on: the sender has ended or no longer sends them. */
  void cut(SplittableRandom random) {
    int kept = random.nextInt(messages.size() + 1);
    while (messages.size() > kept) {
      messages.removeLast();
    }
    viewRequired = from.view().number();
  }

  /** Loses all messages of views before this one of the receiver, which doesn't have the sender. */
  void cutBefore(long viewNumber) {
    messages.removeIf(message -> message.viewNumber < viewNumber);
    viewRequired = viewNumber;
  }
}
