// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readerload;

import io.systole.benchmarks.readcost.BlockingHttpConnection;
import io.systole.benchmarks.readcost.DataSet;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Changes one of some instances of its own at a fixed rate, until closed. */
final class InstanceMutator implements AutoCloseable {
  private static final int REGISTERED = 204;
  private static final int STOP_MS_MAX = 10_000;

  private final Thread thread;
  private volatile boolean hasEnded;
  private volatile long changes;
  private volatile @Nullable IOException failure;

  private InstanceMutator(int port, String prefix, DataSet changing, int everyMs) {
    thread = new Thread(() -> change(port, prefix, changing, everyMs), "changer");
    thread.setDaemon(true);
  }

  static InstanceMutator start(int port, String prefix, DataSet changing, int everyMs) {
    InstanceMutator changer = new InstanceMutator(port, prefix, changing, everyMs);
    changer.thread.start();
    return changer;
  }

  private void change(int port, String prefix, DataSet changing, int everyMs) {
    long dueNs = System.nanoTime();
    try (BlockingHttpConnection wire = new BlockingHttpConnection(port)) {
      for (long change = 1; !hasEnded; change++) {
        int index = (int) (change % changing.instances());
        wire.exchange(changing.registration(prefix, index, change), REGISTERED);
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
   * Changes so far.
   *
   * @throws IOException if one of them failed
   */
  long changes() throws IOException {
    IOException failed = failure;
    if (failed != null) {
      throw new IOException("a change failed: " + failed.getMessage(), failed);
    }
    return changes;
  }

  @Override
  public void close() {
    hasEnded = true;
    try {
      thread.join(STOP_MS_MAX);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
