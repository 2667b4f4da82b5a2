// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import io.systole.client.api.InstanceSupplier;
import io.systole.client.api.RegistrationState;
import io.systole.client.heartbeat.InstanceUpdate;
import io.systole.client.heartbeat.Session;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/**
 * An instance that the client keeps alive. Thread-safe.
 *
 * <p>An update registers the instance again with a newer dirty timestamp, as Eureka's clients do
 * (spec §3). Updates of one thread are applied in the order of the calls. Updates made while a
 * registration is in flight are combined into one registration of the newest document.
 *
 * <p>The future of an update completes when the server has accepted a document containing it. It
 * fails with {@link RegistrationRejectedException} if the server rejects the document, and the
 * instance then keeps the document accepted last; with {@link IllegalStateException} if 1,024
 * updates of the instance are pending already; it is cancelled if the instance ends first.
 * Heartbeats continue meanwhile and carry the new status and timestamp once these are accepted.
 *
 * <p>After the client is closed each future fails with {@link IllegalStateException}.
 *
 * <p>Callbacks of all futures run on the client's event loop and must not block.
 */
public final class Registration {
  private final HeartbeatLoop loop;
  private final Session session;

  Registration(HeartbeatLoop loop, Session session) {
    this.loop = loop;
    this.session = session;
  }

  /**
   * Returns a future that completes when the server has accepted the instance for the first time.
   * It fails with {@link RegistrationRejectedException} if the server rejects the instance, and is
   * cancelled if the instance is cancelled.
   */
  public CompletableFuture<Void> whenRegistered() {
    return session.listeners().registered().copy();
  }

  /** Returns the current state. */
  public RegistrationState state() {
    return session.state();
  }

  /**
   * Sets the status. The document itself is not retained.
   *
   * <p>A server that holds the instance as UP or OUT_OF_SERVICE keeps that status if the instance
   * reports the other of the two (spec §2.5 row 4): an operator decides between them. DOWN and
   * STARTING are accepted, and so is any status after them.
   *
   * @throws IllegalArgumentException if it is UNKNOWN, since every server responds with 404 to
   *     heartbeats with that status (spec §2.2 row 2)
   */
  public CompletableFuture<Void> status(InstanceStatus status) {
    Objects.requireNonNull(status, "status");
    if (status == InstanceStatus.UNKNOWN) {
      throw new IllegalArgumentException("status UNKNOWN cannot be set by an instance");
    }
    return loop.update(session, InstanceUpdate.status(status));
  }

  /** Replaces all metadata with a copy of the given map. The document itself is not retained. */
  public CompletableFuture<Void> metadata(Map<String, String> metadata) {
    Objects.requireNonNull(metadata, "metadata");
    metadata.forEach((key, value) -> {
      Objects.requireNonNull(key, "key in metadata");
      Objects.requireNonNull(value, () -> "metadata value of " + key);
    });
    return loop.update(session, InstanceUpdate.metadata(metadata));
  }

  /**
   * Changes the document, which is retained from then on, as if the instance had been registered
   * with it. An exception thrown by the change fails the future.
   *
   * @param change called once, on the event loop; must keep application, id and renewal interval
   */
  public CompletableFuture<Void> update(UnaryOperator<InstanceInfo> change) {
    return loop.update(session, InstanceUpdate.document(Objects.requireNonNull(change, "change")));
  }

  /**
   * Replaces the supplier of documents and so all updates before. No document is retained.
   *
   * @param next must keep application, id and renewal interval
   */
  public CompletableFuture<Void> source(InstanceSupplier next) {
    return loop.update(session, InstanceUpdate.source(Objects.requireNonNull(next, "next")));
  }

  /**
   * Suspends heartbeats until {@link #resume}. The lease is not cancelled and expires, as that of a
   * crashed instance does. For load generators; only in {@link SendMode#INTERVAL}.
   */
  public void pause() {
    loop.pause(session, true);
  }

  /** Resumes heartbeats with the next one due. */
  public void resume() {
    loop.pause(session, false);
  }

  /**
   * Cancels the instance. The future completes when the server has confirmed the cancel or had no
   * lease, or if the instance was never registered. While no server is available the cancel waits.
   */
  public CompletableFuture<Void> cancel() {
    return loop.cancel(session);
  }
}
