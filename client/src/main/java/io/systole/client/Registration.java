// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import io.systole.client.beat.Session;
import java.util.concurrent.CompletableFuture;

/** One instance that the client keeps alive; any thread may call. */
public final class Registration {
  private final BeatLoop loop;
  private final Session session;

  Registration(BeatLoop loop, Session session) {
    this.loop = loop;
    this.session = session;
  }

  /**
   * Completes when the server has accepted the instance for the first time; exceptionally with
   * {@link RegistrationRefused} when it never will, or cancelled when the instance was. Callbacks
   * run on the client's event loop and must not block.
   */
  public CompletableFuture<Void> whenRegistered() {
    return session.registered().copy();
  }

  /**
   * Ends the instance's own lease. Completes when the server has confirmed it, or had no lease, or
   * was never asked for one. Waits as long as the server is not there.
   */
  public CompletableFuture<Void> cancel() {
    return loop.cancel(session);
  }
}
