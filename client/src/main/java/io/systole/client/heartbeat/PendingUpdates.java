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
   *   add --> waiting --send--> carried --accepted, rejected--> completed
   *              ^                 |
   *              +-----unsent------+
   *
   * One registration carries all updates pending when it is sent, so many updates cost one request.
   * The future of an update completes with a document that contains it and all updates before it.
   */

  /** Limit of pending updates per instance. */
  static final int WAITING_MAX = 1024;

  private InstanceSupplier newest;
  private InstanceSupplier sent;
  private List<CompletableFuture<Void>> waiting = new ArrayList<>();
  private List<CompletableFuture<Void>> carried = new ArrayList<>();

  PendingUpdates(InstanceSupplier accepted) {
    newest = accepted;
    sent = accepted;
  }

  /**
   * Applies an update to the newest document. An update that throws, or exceeds the limit, fails
   * its future and changes nothing.
   */
  void add(UnaryOperator<InstanceSupplier> change, CompletableFuture<Void> done) {
    if (waiting.size() + carried.size() >= WAITING_MAX) {
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

  boolean isCarried() {
    return !carried.isEmpty();
  }

  /** Returns the supplier for a registration that is being sent, which carries all updates. */
  InstanceSupplier send() {
    carried.addAll(waiting);
    waiting.clear();
    sent = newest;
    return sent;
  }

  /** Returns the carried updates to the queue: the registration has failed. */
  void unsent() {
    carried.addAll(waiting);
    waiting = carried;
    carried = new ArrayList<>();
  }

  /** Returns the supplier that the server has accepted. */
  InstanceSupplier accepted() {
    return sent;
  }

  /** Completes the futures of the carried updates. */
  void completeCarried() {
    List<CompletableFuture<Void>> futures = takeCarried();
    futures.forEach(done -> done.complete(null));
  }

  /** Fails the futures of the carried updates. */
  void failCarried(Throwable cause) {
    List<CompletableFuture<Void>> futures = takeCarried();
    futures.forEach(done -> done.completeExceptionally(cause));
  }

  /** Cancels all futures. */
  void cancel() {
    unsent();
    waiting.forEach(done -> done.cancel(false));
    waiting = new ArrayList<>();
  }

  private List<CompletableFuture<Void>> takeCarried() {
    List<CompletableFuture<Void>> taken = carried;
    carried = new ArrayList<>();
    return taken;
  }
}
