// SPDX-License-Identifier: Apache-2.0
package io.systole.client.heartbeat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/**
 * What an instance wants to be known as, while the server does not know it so: the newest document,
 * and who waits for it. A session without such news has none of these.
 */
final class PendingUpdates {
  /*
   *   add --> waiting --send--> carried --accepted, refused--> told
   *              ^                 |
   *              +-----unsent------+
   *
   * One registration carries all that waited when it was sent, so many updates cost one request, and
   * whoever waits is told of a document that has his change and all before it.
   */

  /** Who waits for one instance, at most. */
  static final int WAITING_MAX = 1024;

  private InstanceSupplier newest;
  private InstanceSupplier sent;
  private List<CompletableFuture<Void>> waiting = new ArrayList<>();
  private List<CompletableFuture<Void>> carried = new ArrayList<>();

  PendingUpdates(InstanceSupplier accepted) {
    newest = accepted;
    sent = accepted;
  }

  /** Changes what is wanted; a change that throws, or one too many, changes nothing and says so. */
  void add(UnaryOperator<InstanceSupplier> change, CompletableFuture<Void> done) {
    if (waiting.size() + carried.size() >= WAITING_MAX) {
      done.completeExceptionally(new IllegalStateException(
          WAITING_MAX + " updates of one instance wait for the server already"));
      return;
    }
    try {
      newest = change.apply(newest);
      waiting.add(done);
    } catch (Throwable e) {
      done.completeExceptionally(e);
    }
  }

  /** Says whether there is news that no registration under way carries. */
  boolean isWaiting() {
    return !waiting.isEmpty();
  }

  boolean isCarried() {
    return !carried.isEmpty();
  }

  /** Returns what the registration says that is sent now; everything goes with it. */
  InstanceSupplier send() {
    carried.addAll(waiting);
    waiting.clear();
    sent = newest;
    return sent;
  }

  /** The registration has come to nothing. */
  void unsent() {
    carried.addAll(waiting);
    waiting = carried;
    carried = new ArrayList<>();
  }

  /** Returns what the server has accepted. */
  InstanceSupplier accepted() {
    return sent;
  }

  /** Tells those whose changes were accepted. */
  void reportAccepted() {
    List<CompletableFuture<Void>> reported = takeCarried();
    reported.forEach(done -> done.complete(null));
  }

  /** Tells those whose changes were refused. */
  void reportRefused(Throwable cause) {
    List<CompletableFuture<Void>> reported = takeCarried();
    reported.forEach(done -> done.completeExceptionally(cause));
  }

  /** Tells all that nothing will come of it. */
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
