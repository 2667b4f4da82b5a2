// SPDX-License-Identifier: Apache-2.0
package io.systole.server.route;

/**
 * What becomes of a request once its destination is known.
 *
 * @param endpoint answers it
 * @param takesBody whether the body is collected for the endpoint; else it is read and dropped
 * @param runsOnLoop whether the endpoint is quick enough for the event loop; else a worker runs it
 */
public record Route(Endpoint endpoint, boolean takesBody, boolean runsOnLoop) {
  /** A quick endpoint without a body. */
  public static Route quick(Endpoint endpoint) {
    return new Route(endpoint, false, true);
  }

  /** A quick endpoint that reads the request's body. */
  public static Route quickWithBody(Endpoint endpoint) {
    return new Route(endpoint, true, true);
  }

  /** An endpoint that takes milliseconds. */
  public static Route slow(Endpoint endpoint) {
    return new Route(endpoint, false, false);
  }
}
