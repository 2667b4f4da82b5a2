// SPDX-License-Identifier: Apache-2.0
package io.systole.client.heartbeat;

import io.systole.client.heartbeat.CallbackFailures.CallbackKind;

/** A listener of the caller's, whose defects stay its own. Any event loop may tell it. */
public final class GuardedListener {
  private final RegistrationListener listener;
  private final CallbackFailures failures;

  public GuardedListener(RegistrationListener listener, CallbackFailures failures) {
    this.listener = listener;
    this.failures = failures;
  }

  /** Tells the event; returns normally whatever the listener does. */
  public void report(RegistrationEvent event) {
    try {
      listener.happened(event);
    } catch (Throwable e) {
      // Even an error must not end the event loop that keeps all the others alive.
      failures.note(CallbackKind.LISTENER, e);
    }
  }
}
