// SPDX-License-Identifier: Apache-2.0
package io.systole.server.route;

/** A handler that responds before it returns. */
@FunctionalInterface
public interface RequestHandler {
  /**
   * Handles a request. Called on an event loop, where it must not block, or on a worker, depending
   * on the route.
   *
   * @throws RuntimeException on an internal error; the response is a 500 without a body
   */
  Response handle(Request request);
}
