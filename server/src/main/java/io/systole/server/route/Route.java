// SPDX-License-Identifier: Apache-2.0
package io.systole.server.route;

/** What becomes of a request once its destination is known. */
public sealed interface Route {
  /** Answered on the event loop. */
  record Quick(Endpoint endpoint, boolean takesBody) implements Route {}

  /** Answered by a worker. */
  record Slow(Endpoint endpoint, boolean takesBody) implements Route {}

  /** Begun on the event loop, and answered from wherever. */
  record Late(LateEndpoint endpoint, boolean takesBody) implements Route {}

  /** Whether the request's body is collected for the endpoint; else it is read and dropped. */
  boolean takesBody();

  /** A quick endpoint without a body. */
  static Route quick(Endpoint endpoint) {
    return new Quick(endpoint, false);
  }

  /** A quick endpoint that reads the request's body. */
  static Route quickWithBody(Endpoint endpoint) {
    return new Quick(endpoint, true);
  }

  /** An endpoint that takes milliseconds. */
  static Route slow(Endpoint endpoint) {
    return new Slow(endpoint, false);
  }

  /** An endpoint that reads the request's body and answers when it can. */
  static Route lateWithBody(LateEndpoint endpoint) {
    return new Late(endpoint, true);
  }

  /** An endpoint that answers when it can. */
  static Route late(LateEndpoint endpoint) {
    return new Late(endpoint, false);
  }
}
