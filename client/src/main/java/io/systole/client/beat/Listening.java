// SPDX-License-Identifier: Apache-2.0
package io.systole.client.beat;

import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A listener of the caller's, whose defects stay its own. Any event loop may tell it. */
public final class Listening {
  private static final Logger log = LoggerFactory.getLogger(Listening.class);

  private final RegistrationListener listener;
  private final AtomicBoolean hasFailed = new AtomicBoolean();

  public Listening(RegistrationListener listener) {
    this.listener = listener;
  }

  /** Tells the event; returns normally whatever the listener does. */
  public void tell(RegistrationEvent event) {
    try {
      listener.happened(event);
    } catch (Throwable e) {
      // Even an error must not end the event loop that keeps all the others alive.
      if (hasFailed.compareAndSet(false, true)) {
        log.error(
            "registration listener failed, further failures are not logged event={}", event, e);
      }
    }
  }
}
