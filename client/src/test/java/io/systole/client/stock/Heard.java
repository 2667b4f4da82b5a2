// SPDX-License-Identifier: Apache-2.0
package io.systole.client.stock;

import static org.awaitility.Awaitility.await;

import io.systole.client.heartbeat.FailureReason;
import io.systole.client.heartbeat.HeartbeatListener;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Counts all that a client is told, by its words; for any number of event loops. */
final class Heard implements HeartbeatListener {
  private static final Duration SOON = Duration.ofSeconds(30);

  private final Map<String, Integer> counts = new TreeMap<>();
  private final Set<String> reported = new TreeSet<>();
  private int due;
  private int ended;

  private synchronized void response(String what) {
    reported.add(what);
    add(what);
  }

  private synchronized void add(String what) {
    counts.merge(what, 1, Integer::sum);
  }

  /** Returns how often anything was heard, such as {@code beat 200}. */
  synchronized Map<String, Integer> counts() {
    return new TreeMap<>(counts);
  }

  /** Returns how often which answer was heard; a request without an answer counts for nothing. */
  synchronized Map<String, Integer> responses() {
    Map<String, Integer> responses = counts();
    responses.keySet().retainAll(reported);
    return responses;
  }

  synchronized int count(String what) {
    return counts.getOrDefault(what, 0);
  }

  /** Begins anew. */
  synchronized void forget() {
    counts.clear();
    due = 0;
    ended = 0;
  }

  /** Waits until it has been heard so much oftener than now. */
  void awaitMore(String what, int times) {
    int before = count(what);
    await(what).atMost(SOON).until(() -> count(what) >= before + times);
  }

  /** Returns the beats that came due and have neither been answered nor failed. */
  synchronized int open() {
    return due - ended;
  }

  @Override
  public synchronized void due(long dueNs) {
    due++;
  }

  @Override
  public synchronized void answered(int status, long dueNs, long sentNs, long answeredNs) {
    ended++;
    response("beat " + status);
  }

  @Override
  public synchronized void failed(FailureReason reason, long dueNs) {
    ended++;
    // That one waited for the one before it tells of a slow machine, and of nothing else here.
    if (reason != FailureReason.NOT_SENT) {
      add("beat " + reason);
    }
  }

  @Override
  public void registered(int status, long sentNs, long answeredNs) {
    response("registration " + status);
  }

  @Override
  public void registrationRefused(int status, String text) {
    response("registration refused " + status + " " + text);
  }

  @Override
  public void registrationFailed(FailureReason reason) {
    add("registration " + reason);
  }
}
