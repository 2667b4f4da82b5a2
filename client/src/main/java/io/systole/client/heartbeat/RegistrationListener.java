// SPDX-License-Identifier: Apache-2.0
package io.systole.client.heartbeat;

/**
 * Hears of every change of fate of one instance, or of all.
 *
 * <p>Called on the client's event loop: it must not block, for every other instance waits as long.
 * It may call the client and its registrations. What it throws is counted, logged the first time
 * and otherwise ignored.
 */
@FunctionalInterface
public interface RegistrationListener {
  /** Something has happened; events of one instance come in their order. */
  void happened(RegistrationEvent event);
}
