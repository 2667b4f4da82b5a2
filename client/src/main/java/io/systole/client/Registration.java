// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import io.systole.client.heartbeat.InstanceSupplier;
import io.systole.client.heartbeat.InstanceUpdate;
import io.systole.client.heartbeat.RegistrationState;
import io.systole.client.heartbeat.Session;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/**
 * One instance that the client keeps alive; any thread may call.
 *
 * <p>An update is told to the server by registering again with a newer dirty timestamp, as the
 * clients in the field do (spec §3). Updates are made in the order of the calls of one thread;
 * those that come faster than the server answers go out together, as one registration of the newest
 * document. The future of each completes when the server has accepted a document with that update
 * in it; exceptionally with {@link RegistrationRejectedException} when the server refuses it, and
 * the instance then goes on with what was accepted last; with {@link IllegalStateException} when
 * 1,024 updates of the instance wait already; cancelled when the instance ends before. Heartbeats
 * go on meanwhile, and carry the new status and timestamp from the acceptance on.
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
   * Completes when the server has accepted the instance for the first time; exceptionally with
   * {@link RegistrationRejectedException} when it never will, or cancelled when the instance was.
   */
  public CompletableFuture<Void> whenRegistered() {
    return session.listeners().registered().copy();
  }

  /** Returns what the instance is at this moment. */
  public RegistrationState state() {
    return session.state();
  }

  /**
   * Sets the status; no document is held for it.
   *
   * <p>A server that knows the instance as UP or OUT_OF_SERVICE keeps that when the instance says
   * the other of the two (spec §2.5 row 4): that choice is the operator's. DOWN and STARTING are
   * taken over, and so is what follows them.
   *
   * @throws IllegalArgumentException when it is UNKNOWN, to whose heartbeats every server answers
   *     404 (spec §2.2 row 2)
   */
  public CompletableFuture<Void> status(InstanceStatus status) {
    Objects.requireNonNull(status, "status");
    if (status == InstanceStatus.UNKNOWN) {
      throw new IllegalArgumentException("status UNKNOWN is none that an instance can have");
    }
    return loop.update(session, InstanceUpdate.status(status));
  }

  /** Sets all metadata to a copy of this, for which no document is held otherwise. */
  public CompletableFuture<Void> metadata(Map<String, String> metadata) {
    Objects.requireNonNull(metadata, "metadata");
    metadata.forEach((key, value) -> {
      Objects.requireNonNull(key, "key in metadata");
      Objects.requireNonNull(value, () -> "metadata value of " + key);
    });
    return loop.update(session, InstanceUpdate.metadata(metadata));
  }

  /**
   * Changes the document, which is held from then on, as if the instance had been registered with
   * it. What the change throws becomes the future's.
   *
   * @param change is called once, on the event loop; must keep application, id and renewal interval
   */
  public CompletableFuture<Void> update(UnaryOperator<InstanceInfo> change) {
    return loop.update(session, InstanceUpdate.document(Objects.requireNonNull(change, "change")));
  }

  /**
   * Sets where the documents come from, and so all that was set before; no document is held for it.
   *
   * @param next must keep application, id and renewal interval
   */
  public CompletableFuture<Void> source(InstanceSupplier next) {
    return loop.update(session, InstanceUpdate.source(Objects.requireNonNull(next, "next")));
  }

  /**
   * Sends no heartbeats of this instance until {@link #resume}, as if it had died without a word:
   * its lease is not ended, and will run out. For whoever simulates instances; only at
   * {@link SendMode#INTERVAL}.
   */
  public void pause() {
    loop.pause(session, true);
  }

  /** Lets the heartbeats go out again, from the next one that comes due. */
  public void resume() {
    loop.pause(session, false);
  }

  /**
   * Ends the instance's own lease. Completes when the server has confirmed it, or had no lease, or
   * was never asked for one. Waits as long as the server is not there.
   */
  public CompletableFuture<Void> cancel() {
    return loop.cancel(session);
  }
}
