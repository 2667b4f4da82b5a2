// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Work on batches by several threads, whose results are handed on in the order of the batches, by
 * the thread that submits them. The last batch is worked on by that thread itself, so a file of one
 * batch starts no thread.
 *
 * @param <D> what a thread decodes with, for one thread at a time
 * @param <T> a result
 */
final class OrderedDecoder<D, T> implements AutoCloseable {
  private static final int THREADS_MAX = 8;

  /** Batches in work or waiting for their turn, for each thread: that much is held in memory. */
  private static final int BATCHES_PER_THREAD_MAX = 3;

  private final Supplier<D> newDecoder;
  private final Consumer<T> receiver;
  private final int threads = Math.min(THREADS_MAX, Runtime.getRuntime().availableProcessors());
  private final Queue<D> decoders = new ConcurrentLinkedQueue<>();
  private final ArrayDeque<Future<T>> pending = new ArrayDeque<>();
  private @Nullable ExecutorService executor;

  OrderedDecoder(Supplier<D> newDecoder, Consumer<T> receiver) {
    this.newDecoder = newDecoder;
    this.receiver = receiver;
  }

  /** Has a batch decoded; may hand on results of earlier ones. */
  void submit(Function<D, T> batch) {
    ExecutorService running = executor;
    if (running == null) {
      running = Executors.newFixedThreadPool(threads, task -> {
        Thread thread = new Thread(task, "systole-store-decoder");
        thread.setDaemon(true);
        return thread;
      });
      executor = running;
    }
    pending.add(running.submit(() -> decode(batch)));
    if (pending.size() >= BATCHES_PER_THREAD_MAX * threads) {
      handOn(pending.remove());
    }
  }

  /** Hands on all results, and last that of a batch that is decoded here. */
  void finish(Function<D, T> batch) {
    drain();
    receiver.accept(decode(batch));
  }

  /** Hands on all results. */
  void drain() {
    while (!pending.isEmpty()) {
      handOn(pending.remove());
    }
  }

  private T decode(Function<D, T> batch) {
    D held = decoders.poll();
    D decoder = held == null ? newDecoder.get() : held;
    try {
      return batch.apply(decoder);
    } finally {
      decoders.add(decoder);
    }
  }

  private void handOn(Future<T> result) {
    boolean isInterrupted = false;
    try {
      while (true) {
        try {
          receiver.accept(result.get());
          return;
        } catch (InterruptedException interrupted) {
          isInterrupted = true;
        }
      }
    } catch (ExecutionException failure) {
      throw new IllegalStateException("a batch can't be decoded", failure.getCause());
    } finally {
      if (isInterrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Gives up what is not handed on yet. */
  @Override
  public void close() {
    if (executor != null) {
      executor.shutdownNow();
    }
  }
}
