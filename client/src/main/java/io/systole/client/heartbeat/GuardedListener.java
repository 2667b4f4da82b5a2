// SPDX-License-Identifier: Apache-2.0
package io.systole.client.heartbeat;

import io.systole.client.api.RegistrationEvent;
import io.systole.client.api.RegistrationListener;
import io.systole.client.heartbeat.CallbackFailures.CallbackKind;

/**
 * A wrapper of an application's registration listener that catches and counts its exceptions.
 * Thread-safe.
 */
public final class GuardedListener {
  private final RegistrationListener listener;
  private final CallbackFailures failures;

  public GuardedListener(RegistrationListener listener, CallbackFailures failures) {
    this.listener = listener;
    this.failures = failures;
  }

  /** Passes an event to the listener. Always returns normally. */
  public void report(RegistrationEvent event) {
    try {
      listener.happened(event);
    } catch (Throwable e) {
      // Even an Error must not end the event loop of all other instances.
      failures.record(CallbackKind.LISTENER, e);
    }
  }
}
