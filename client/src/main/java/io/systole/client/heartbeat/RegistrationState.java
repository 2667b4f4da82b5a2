// SPDX-License-Identifier: Apache-2.0
package io.systole.client.heartbeat;

/** What an instance is to its client at this moment. */
public enum RegistrationState {
  /** The server has not accepted it yet. */
  REGISTERING,
  /** The server has accepted it, and has not said otherwise since. */
  ALIVE,
  /** The server has forgotten it, and has not accepted it again yet. */
  LOST,
  /** It is to end, and the server has not confirmed that yet. */
  CANCELLING,
  /** It has ended as its owner wished. */
  CANCELLED,
  /** The server never accepted its document, or none could be made: it has ended. */
  REFUSED,
  /** The client was closed before it ended; its lease runs out by itself. */
  ABANDONED
}
