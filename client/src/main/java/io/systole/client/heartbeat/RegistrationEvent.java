// SPDX-License-Identifier: Apache-2.0
package io.systole.client.heartbeat;

import io.systole.protocol.model.InstanceKey;
import java.net.URI;

/** What may happen to a registration. */
public sealed interface RegistrationEvent {

  /** What happens to one instance. */
  sealed interface OfInstance extends RegistrationEvent {
    /** Returns whose fate it is. */
    InstanceKey instance();
  }

  /** The server has accepted the instance for the first time. */
  record Registered(InstanceKey instance) implements OfInstance {}

  /**
   * A beat was answered 200 later than one whole lease duration after the renewal before: the
   * server might have evicted the instance, and has not.
   *
   * @param sinceMs from the renewal before (or the acceptance) to this one, both as answered
   */
  record RenewedLate(InstanceKey instance, long sinceMs) implements OfInstance {}

  /** A beat was answered 404: the server has forgotten the instance, which is registered again. */
  record Lost(InstanceKey instance) implements OfInstance {}

  /** The server has accepted the instance again, after it was lost. */
  record Reregistered(InstanceKey instance) implements OfInstance {}

  /**
   * The server has read a document and said no, or none could be made.
   *
   * @param status 400..499, or 0 when the instance's source threw
   * @param text the beginning of the answer's body, or what the source threw
   * @param isFinal the instance has ended, for it was never accepted or has no document; otherwise
   *     it goes on with the document that was accepted last
   */
  record Refused(InstanceKey instance, int status, String text, boolean isFinal)
      implements OfInstance {}

  /** The server has accepted a newer document of the instance, by one or more updates. */
  record Updated(InstanceKey instance) implements OfInstance {}

  /** The instance has ended as its owner wished. */
  record Cancelled(InstanceKey instance) implements OfInstance {}

  /** The client was closed before the instance ended. */
  record Abandoned(InstanceKey instance) implements OfInstance {}

  /**
   * The instances of one event loop are kept alive at another server from now on. A listener of one
   * instance hears it for that instance, a listener of all hears it once per event loop.
   *
   * @param cause why, in one line
   */
  record FailedOver(URI from, URI to, String cause) implements RegistrationEvent {}
}
