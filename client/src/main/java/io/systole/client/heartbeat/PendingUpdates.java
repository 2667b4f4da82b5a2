// SPDX-License-Identifier: Apache-2.0
package io.systole.client.heartbeat;

import io.systole.client.api.InstanceSupplier;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/**
 * The updates of one instance that the server has not accepted yet: the newest document and the
 * futures of its updates.
 */
final class PendingUpdates {
  /*
   *   add --> waiting --send--> in flight --accepted, rejected--> completed
   *              ^                  |
   *              +-----requeue------+
   *
   * One registration carries all updates pending when it is sent, so many updates cost one request.
   * The future of an update completes with a document that contains it and all updates before it.
   */

  /** Limit of pending updates per instance. */
  static final int WAITING_MAX = 1024;

  private InstanceSupplier newest;
  private InstanceSupplier sent;
  private List<CompletableFuture<Void>> waiting = new ArrayList<>();
  private List<CompletableFuture<Void>> inFlight = new ArrayList<>();

  PendingUpdates(InstanceSupplier accepted) {
    newest = accepted;
    sent = accepted;
  }

  /**
   * Applies an update to the newest document. An update that throws, or exceeds the limit, fails
   * its future and changes nothing.
   */
  void add(UnaryOperator<InstanceSupplier> change, CompletableFuture<Void> done) {
    if (waiting.size() + inFlight.size() >= WAITING_MAX) {
      done.completeExceptionally(
          new IllegalStateException(WAITING_MAX + " updates of the instance are pending already"));
      return;
    }
    try {
      newest = change.apply(newest);
      waiting.add(done);
    } catch (Throwable e) {
      done.completeExceptionally(e);
    }
  }

  /** Returns whether there are updates that no registration in flight carries. */
  boolean isWaiting() {
    return !waiting.isEmpty();
  }

  boolean isInFlight() {
    return !inFlight.isEmpty();
  }

  /** Returns the supplier for a registration that is being sent, which carries all updates. */
  InstanceSupplier send() {
    inFlight.addAll(waiting);
    waiting.clear();
    sent = newest;
    return sent;
  }

  /** Returns the updates in flight to the queue: their registration has failed. */
  void requeue() {
    inFlight.addAll(waiting);
    waiting = inFlight;
    inFlight = new ArrayList<>();
  }

  /** Returns the supplier that the server has accepted. */
  InstanceSupplier accepted() {
    return sent;
  }

  /** Completes the futures of the updates in flight. */
  void completeInFlight() {
    List<CompletableFuture<Void>> futures = takeInFlight();
    futures.forEach(done -> done.complete(null));
  }

  /** Fails the futures of the updates in flight. */
  void failInFlight(Throwable cause) {
    List<CompletableFuture<Void>> futures = takeInFlight();
    futures.forEach(done -> done.completeExceptionally(cause));
  }

  /** Cancels all futures. */
  void cancel() {
    requeue();
    waiting.forEach(done -> done.cancel(false));
    waiting = new ArrayList<>();
  }

  private List<CompletableFuture<Void>> takeInFlight() {
    List<CompletableFuture<Void>> taken = inFlight;
    inFlight = new ArrayList<>();
    return taken;
  }
}
