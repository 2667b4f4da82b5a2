// SPDX-License-Identifier: Apache-2.0
package io.systole.client.heartbeat;

import io.systole.client.api.RegistrationState;

/** The internal state of a session; {@link Session} draws the transitions. */
enum SessionState {
  UNREGISTERED(RegistrationState.REGISTERING),
  REGISTERING(RegistrationState.REGISTERING),
  ALIVE(RegistrationState.ALIVE),
  UPDATING(RegistrationState.ALIVE),
  LOST(RegistrationState.LOST),
  RETURNING(RegistrationState.LOST),
  CANCELLING(RegistrationState.CANCELLING),
  CANCELLED(RegistrationState.CANCELLED),
  REJECTED(RegistrationState.REJECTED),
  ABANDONED(RegistrationState.ABANDONED);

  /** The state visible to the application. */
  private final RegistrationState reported;

  SessionState(RegistrationState reported) {
    this.reported = reported;
  }

  RegistrationState reported() {
    return reported;
  }

  boolean isAlive() {
    return this == ALIVE || this == UPDATING;
  }

  boolean isEnded() {
    return compareTo(CANCELLED) >= 0;
  }

  /** Returns the state after a registration is sent. */
  SessionState sent() {
    return switch (this) {
      case UNREGISTERED, REGISTERING -> REGISTERING;
      case ALIVE, UPDATING -> UPDATING;
      case LOST, RETURNING -> RETURNING;
      case CANCELLING, CANCELLED, REJECTED, ABANDONED ->
        throw new IllegalStateException("cannot register a session in state " + this);
    };
  }

  /** Returns the state after a registration has failed. */
  SessionState unsent() {
    return switch (this) {
      case REGISTERING -> UNREGISTERED;
      case UPDATING -> ALIVE;
      case RETURNING -> LOST;
      case UNREGISTERED, ALIVE, LOST, CANCELLING, CANCELLED, REJECTED, ABANDONED -> this;
    };
  }
}
