// SPDX-License-Identifier: Apache-2.0
package io.systole.client.heartbeat;

/** Where a session stands; {@link Session} draws the moves. */
enum SessionState {
  UNREGISTERED(RegistrationState.REGISTERING),
  REGISTERING(RegistrationState.REGISTERING),
  ALIVE(RegistrationState.ALIVE),
  UPDATING(RegistrationState.ALIVE),
  LOST(RegistrationState.LOST),
  RETURNING(RegistrationState.LOST),
  CANCELLING(RegistrationState.CANCELLING),
  CANCELLED(RegistrationState.CANCELLED),
  REFUSED(RegistrationState.REFUSED),
  ABANDONED(RegistrationState.ABANDONED);

  /** What the owner of the instance is told. */
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

  /** Returns where the sending of a registration leads. */
  SessionState sent() {
    return switch (this) {
      case UNREGISTERED, REGISTERING -> REGISTERING;
      case ALIVE, UPDATING -> UPDATING;
      case LOST, RETURNING -> RETURNING;
      case CANCELLING, CANCELLED, REFUSED, ABANDONED ->
        throw new IllegalStateException("a session that is " + this + " must not be registered");
    };
  }

  /** Returns where a registration that came to nothing leads back to. */
  SessionState unsent() {
    return switch (this) {
      case REGISTERING -> UNREGISTERED;
      case UPDATING -> ALIVE;
      case RETURNING -> LOST;
      case UNREGISTERED, ALIVE, LOST, CANCELLING, CANCELLED, REFUSED, ABANDONED -> this;
    };
  }
}
