// SPDX-License-Identifier: Apache-2.0
package io.systole.client.api;

import io.systole.protocol.model.InstanceKey;
import java.net.URI;

/** An event of a registration. */
public sealed interface RegistrationEvent {

  /** An event of one instance. */
  sealed interface OfInstance extends RegistrationEvent {
    /** Returns the key of the instance. */
    InstanceKey instance();
  }

  /** The server has accepted the instance for the first time. */
  record Registered(InstanceKey instance) implements OfInstance {}

  /**
   * A heartbeat received 200 more than one lease duration after the previous renewal: the server
   * could have evicted the instance, and has not.
   *
   * @param sinceMs time between the responses to the previous renewal or registration and to this
   *     one
   */
  record RenewedLate(InstanceKey instance, long sinceMs) implements OfInstance {}

  /** A heartbeat received 404: the server has no lease. The instance is registered again. */
  record Lost(InstanceKey instance) implements OfInstance {}

  /** The server has accepted the instance again, after it was lost. */
  record Reregistered(InstanceKey instance) implements OfInstance {}

  /**
   * The server has rejected a document, or the supplier threw.
   *
   * @param status 400..499, or 0 if the supplier threw
   * @param text the beginning of the response body, or the exception of the supplier
   * @param isFinal whether the instance has ended, since it was never accepted; otherwise it keeps
   *     the document accepted last
   */
  record Rejected(InstanceKey instance, int status, String text, boolean isFinal)
      implements OfInstance {}

  /** The server has accepted a document with one or more updates. */
  record Updated(InstanceKey instance) implements OfInstance {}

  /** The instance was cancelled. */
  record Cancelled(InstanceKey instance) implements OfInstance {}

  /** The client was closed before the instance ended. */
  record Abandoned(InstanceKey instance) implements OfInstance {}

  /**
   * The heartbeats of one event loop's instances go to another server. A listener of one instance
   * receives it for that instance, the listener of all once per event loop.
   *
   * @param cause one line for a log
   */
  record FailedOver(URI from, URI to, String cause) implements RegistrationEvent {}
}
