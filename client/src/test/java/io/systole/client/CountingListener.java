// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import io.systole.client.api.FailureReason;
import io.systole.client.api.HeartbeatListener;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts all callbacks; shared by all loops. */
final class CountingListener implements HeartbeatListener {
  final AtomicInteger due = new AtomicInteger();
  final AtomicInteger ended = new AtomicInteger();
  final AtomicInteger wrongTimes = new AtomicInteger();
  final AtomicInteger wakeUps = new AtomicInteger();
  final AtomicInteger bytesSent = new AtomicInteger();
  final AtomicInteger bytesReceived = new AtomicInteger();
  private final Map<String, Integer> counts = new ConcurrentHashMap<>();

  int count(Object what) {
    return counts.getOrDefault(what.toString(), 0);
  }

  @Override
  public void due(long dueNs) {
    due.incrementAndGet();
  }

  @Override
  public void answered(int status, long dueNs, long sentNs, long answeredNs) {
    ended.incrementAndGet();
    counts.merge(Integer.toString(status), 1, Integer::sum);
    if (dueNs - sentNs > 0 || sentNs - answeredNs > 0) {
      wrongTimes.incrementAndGet();
    }
  }

  @Override
  public void failed(FailureReason reason, long dueNs) {
    ended.incrementAndGet();
    counts.merge(reason.name(), 1, Integer::sum);
  }

  @Override
  public void resent(long dueNs) {
    counts.merge("resent", 1, Integer::sum);
  }

  @Override
  public void registered(int status, long sentNs, long answeredNs) {
    counts.merge("registered", 1, Integer::sum);
  }

  @Override
  public void registrationRefused(int status, String text) {
    counts.merge("refused " + status + " " + text, 1, Integer::sum);
  }

  @Override
  public void registrationFailed(FailureReason reason) {
    counts.merge("registration " + reason, 1, Integer::sum);
  }

  @Override
  public void loopWokeUp(long dueNs, long nowNs) {
    wakeUps.incrementAndGet();
    if (dueNs - nowNs > 0) {
      wrongTimes.incrementAndGet();
    }
  }

  @Override
  public void bytesTransferred(int sent, int received) {
    bytesSent.addAndGet(sent);
    bytesReceived.addAndGet(received);
  }
}
