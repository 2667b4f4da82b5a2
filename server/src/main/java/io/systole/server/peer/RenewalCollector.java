// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import io.netty.channel.EventLoop;
import io.systole.server.registry.RenewedSlots;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/** Collects the slots renewed on the event loops. Thread-safe. */
public final class RenewalCollector {
  private record LoopRecorder(EventLoop loop, RenewedSlots slots) {}

  private final List<LoopRecorder> recorders = new CopyOnWriteArrayList<>();

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
   * Passes on the slots renewed since the last call, as words of bit sets.
   *
   * @param onRenewed called by each event loop that has any
   */
  void collect(Consumer<long[]> onRenewed) {
    for (LoopRecorder recorder : recorders) {
      try {
        recorder.loop().execute(() -> {
          long[] words = recorder.slots().take();
          if (words.length > 0) {
            onRenewed.accept(words);
          }
        });
      } catch (RejectedExecutionException stopped) {
        return;
      }
    }
  }
}
