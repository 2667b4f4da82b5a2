// SPDX-License-Identifier: Apache-2.0
package io.systole.client.api;

/**
 * A listener for the registration events of one instance, or of all.
 *
 * <p>Called on the client's event loop and must not block, since all other instances of the loop
 * wait. May call the client and its registrations. Exceptions are counted, and the first one is
 * logged.
 */
@FunctionalInterface
public interface RegistrationListener {
  /** Called for each event; the events of one instance arrive in order. */
  void happened(RegistrationEvent event);
}
