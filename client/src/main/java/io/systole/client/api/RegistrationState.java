// SPDX-License-Identifier: Apache-2.0
package io.systole.client.api;

/** The state of an instance in its client. */
public enum RegistrationState {
  /** The server has not accepted it yet. */
  REGISTERING,
  /** The server has accepted it, and has not reported its loss since. */
  ALIVE,
  /** The server has lost its lease, and has not accepted it again yet. */
  LOST,
  /** It is being cancelled, and the server has not confirmed that yet. */
  CANCELLING,
  /** It was cancelled. */
  CANCELLED,
  /** The server rejected its first document, or the supplier threw. */
  REJECTED,
  /** The client was closed before it ended; its lease expires. */
  ABANDONED
}
