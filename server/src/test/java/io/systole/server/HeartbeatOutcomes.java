// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import io.systole.client.api.FailureReason;
import io.systole.client.api.HeartbeatListener;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/** The outcomes of the heartbeats of a client. Thread-safe. */
public final class HeartbeatOutcomes implements HeartbeatListener {
  private final AtomicLong renewed = new AtomicLong();
  private final Queue<Integer> refused = new ConcurrentLinkedQueue<>();
  private final Queue<FailureReason> failures = new ConcurrentLinkedQueue<>();

  @Override
  public void answered(int status, long dueNs, long sentNs, long answeredNs) {
    if (status == 200) {
      renewed.incrementAndGet();
    } else {
      refused.add(status);
    }
  }

  @Override
  public void failed(FailureReason reason, long dueNs) {
    failures.add(reason);
  }

  /** Returns the number of heartbeats that received 200. */
  public long renewed() {
    return renewed.get();
  }

  /** Returns the other statuses received. */
  public List<Integer> refused() {
    return List.copyOf(refused);
  }

  /** Returns why heartbeats received no response. */
  public List<FailureReason> failures() {
    return List.copyOf(failures);
  }
}
