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
 * Decodes batches on several threads, and passes the results to a receiver in the order of the
 * batches, on the thread that submits them. That thread decodes the last batch itself, so a file of
 * one batch starts no thread.
 *
 * @param <D> decoder, used by one thread at a time
 * @param <T> result
 */
final class OrderedDecoder<D, T> implements AutoCloseable {
  private static final int THREADS_MAX = 8;

  /** Limit on pending batches per thread, which bounds memory. */
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

  /** Submits a batch; may deliver results of earlier ones. */
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
      deliver(pending.remove());
    }
  }

  /** Delivers all results, and decodes a last batch on this thread. */
  void finish(Function<D, T> batch) {
    drain();
    receiver.accept(decode(batch));
  }

  /** Delivers all results. */
  void drain() {
    while (!pending.isEmpty()) {
      deliver(pending.remove());
    }
  }

  private T decode(Function<D, T> batch) {
    D idle = decoders.poll();
    D decoder = idle == null ? newDecoder.get() : idle;
    try {
      return batch.apply(decoder);
    } finally {
      decoders.add(decoder);
    }
  }

  private void deliver(Future<T> result) {
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
      throw new IllegalStateException("decoding a batch failed", failure.getCause());
    } finally {
      if (isInterrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Discards pending batches. */
  @Override
  public void close() {
    if (executor != null) {
      executor.shutdownNow();
    }
  }
}
