// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import io.netty.channel.EventLoop;
import io.systole.server.registry.RenewedSlots;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * Collects the slots renewed on the event loops and passes them on to all subscribers. Thread-safe.
 */
public final class RenewalCollector {
  private record LoopRecorder(EventLoop loop, RenewedSlots slots) {}

  private final List<LoopRecorder> recorders = new CopyOnWriteArrayList<>();
  private final List<Consumer<long[]>> subscribers = new CopyOnWriteArrayList<>();

  /** Adds an event loop and returns its recorder, which only the loop may use. */
  public RenewedSlots add(EventLoop loop) {
    RenewedSlots slots = new RenewedSlots();
    recorders.add(new LoopRecorder(loop, slots));
    return slots;
  }

  /** Returns the recorder of the current event loop, or one that records nothing on others. */
  public RenewedSlots ofCurrentThread() {
    for (LoopRecorder recorder : recorders) {
      if (recorder.loop().inEventLoop()) {
        return recorder.slots();
      }
    }
    return RenewedSlots.NONE;
  }

  /**
   * Adds a subscriber, which receives all slots that are collected from now on, as words of bit
   * sets. It is called by the event loops, must not block, and must not modify the array, which all
   * subscribers share.
   */
  public void subscribe(Consumer<long[]> subscriber) {
    subscribers.add(subscriber);
  }

  /**
   * Makes each event loop pass on the slots renewed since the last call, if there are any. A slot
   * is passed on once, whoever calls, to all subscribers.
   */
  public void collect() {
    for (LoopRecorder recorder : recorders) {
      if (!recorder.slots().hasAny()) {
        // An idle loop is not woken up.
        continue;
      }
      try {
        recorder.loop().execute(() -> passOn(recorder.slots().take()));
      } catch (RejectedExecutionException stopped) {
        return;
      }
    }
  }

  /** Called by an event loop. */
  private void passOn(long[] words) {
    if (words.length > 0) {
      subscribers.forEach(subscriber -> subscriber.accept(words));
    }
  }
}
