// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readerload;

import io.systole.benchmarks.readcost.BlockingHttpConnection;
import io.systole.benchmarks.readcost.DataSet;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Re-registers one instance of a data set after the other at a fixed rate, until closed. */
final class InstanceMutator implements AutoCloseable {
  private static final int REGISTERED = 204;
  private static final int STOP_MS_MAX = 10_000;

  private final Thread thread;
  private volatile boolean isClosed;
  private volatile long changes;
  private volatile @Nullable IOException failure;

  private InstanceMutator(int port, String prefix, DataSet dataSet, int everyMs) {
    thread = new Thread(() -> change(port, prefix, dataSet, everyMs), "instance-mutator");
    thread.setDaemon(true);
  }

  static InstanceMutator start(int port, String prefix, DataSet dataSet, int everyMs) {
    InstanceMutator mutator = new InstanceMutator(port, prefix, dataSet, everyMs);
    mutator.thread.start();
    return mutator;
  }

  private void change(int port, String prefix, DataSet dataSet, int everyMs) {
    long dueNs = System.nanoTime();
    try (BlockingHttpConnection connection = new BlockingHttpConnection(port)) {
      for (long change = 1; !isClosed; change++) {
        int index = (int) (change % dataSet.instances());
        connection.exchange(dataSet.registration(prefix, index, change), REGISTERED);
        changes = change;
        dueNs += TimeUnit.MILLISECONDS.toNanos(everyMs);
        TimeUnit.NANOSECONDS.sleep(dueNs - System.nanoTime());
      }
    } catch (IOException e) {
      failure = e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Returns the number of changes so far.
   *
   * @throws IOException if one of them failed
   */
  long changes() throws IOException {
    IOException cause = failure;
    if (cause != null) {
      throw new IOException("a change failed: " + cause.getMessage(), cause);
    }
    return changes;
  }

  @Override
  public void close() {
    isClosed = true;
    try {
      thread.join(STOP_MS_MAX);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
