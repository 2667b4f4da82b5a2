// SPDX-License-Identifier: Apache-2.0
package io.systole.server.route;

/** The destination of a request. */
@FunctionalInterface
public interface RequestHandler {
  /**
   * Answers a request. Called on an event loop or on a worker, as the route says; must not block.
   *
   * @throws RuntimeException when we were wrong; the sender gets a 500 without a body
   */
  Response handle(Request request);
}
