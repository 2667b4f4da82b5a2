// SPDX-License-Identifier: Apache-2.0
package io.systole.client.stock;

import static org.awaitility.Awaitility.await;

import io.systole.client.api.FailureReason;
import io.systole.client.api.HeartbeatListener;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Counts all callbacks of a client by name; for any number of event loops. */
final class EventCounts implements HeartbeatListener {
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

  /** Returns the count of one event, such as {@code beat 200}. */
  synchronized Map<String, Integer> counts() {
    return new TreeMap<>(counts);
  }

  /** Returns the counts of responses by status; requests without a response are not counted. */
  synchronized Map<String, Integer> responses() {
    Map<String, Integer> responses = counts();
    responses.keySet().retainAll(reported);
    return responses;
  }

  synchronized int count(String what) {
    return counts.getOrDefault(what, 0);
  }

  /** Resets all counts. */
  synchronized void reset() {
    counts.clear();
    due = 0;
    ended = 0;
  }

  /** Waits until the count of an event has grown by so many. */
  void awaitMore(String what, int times) {
    int before = count(what);
    await(what).atMost(SOON).until(() -> count(what) >= before + times);
  }

  /** Returns the number of heartbeats due and neither answered nor failed. */
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
    // NOT_SENT only shows a slow machine here.
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
