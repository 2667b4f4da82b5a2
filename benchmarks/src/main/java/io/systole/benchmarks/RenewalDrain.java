// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks;

import io.netty.util.concurrent.DefaultThreadFactory;
import io.systole.server.registry.PersistedLease;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RenewedSlots;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** The renewals that a thread records for a number of peers, taken as a node takes them. */
final class RenewalDrain implements AutoCloseable {
  /*
   * As in a node, another thread requests the renewed slots at the interval of batches, the renewing
   * thread passes them on and starts an empty set, and the other thread reads the lease of each slot
   * once for each peer. It does not encode and send them: that would be attributed to the renewals
   * as allocation, and would take a core that a node has for it.
   */

  private static final long INTERVAL_MS = 250;

  private static final long STOP_SECS_MAX = 10;

  private final Registry registry;
  private final int peers;
  private final RenewedSlots recorder;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("drain", true));

  /** True if the renewing thread is to pass on its slots. */
  private volatile boolean isRequested;

  private final AtomicLong leasesRead = new AtomicLong();

  /** The sum of what was read, so that the reads are not removed. */
  private final AtomicLong dirtyMsSum = new AtomicLong();

  /**
   * Creates a drain that has not started.
   *
   * @param peers 0 for none: then nothing is recorded
   */
  RenewalDrain(Registry registry, int peers) {
    this.registry = registry;
    this.peers = peers;
    this.recorder = peers == 0 ? RenewedSlots.NONE : new RenewedSlots();
  }

  /** Returns the recorder of the renewing thread. */
  RenewedSlots recorder() {
    return recorder;
  }

  /** Starts to request the renewed slots. */
  void start() {
    if (peers > 0) {
      var unused = thread.scheduleWithFixedDelay(
          this::request, INTERVAL_MS, INTERVAL_MS, TimeUnit.MILLISECONDS);
    }
  }

  /** Requests the slots renewed since the last request. */
  void request() {
    isRequested = true;
  }

  /** Passes on the renewed slots if they are requested. Called by the renewing thread. */
  void passOn() {
    if (isRequested) {
      isRequested = false;
      long[] words = recorder.take();
      thread.execute(() -> read(words));
    }
  }

  private void read(long[] words) {
    long read = 0;
    long sum = 0;
    for (int peer = 0; peer < peers; peer++) {
      for (int word = 0; word < words.length; word++) {
        for (long left = words[word]; left != 0; left &= left - 1) {
          PersistedLease lease =
              registry.leaseAt(word * Long.SIZE + Long.numberOfTrailingZeros(left));
          if (lease != null) {
            sum += lease.instance().lastDirtyMs();
            read++;
          }
        }
      }
    }
    leasesRead.addAndGet(read);
    dirtyMsSum.addAndGet(sum);
  }

  /** Returns how often a renewed lease was read for a peer. */
  long leasesRead() {
    return leasesRead.get();
  }

  /** Stops after the slots that were passed on. */
  @Override
  public void close() {
    thread.shutdown();
    try {
      if (!thread.awaitTermination(STOP_SECS_MAX, TimeUnit.SECONDS)) {
        throw new IllegalStateException("leases are still being read");
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
