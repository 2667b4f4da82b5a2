// SPDX-License-Identifier: Apache-2.0
package io.systole.server.route;

/** The destination of a request that is answered when its answer is there. */
@FunctionalInterface
public interface AsyncRequestHandler {
  /**
   * Begins to answer. Called on an event loop; must not block. The connection waits for the answer
   * without a time limit of its own, so whoever takes the request must send one some day.
   *
   * @throws RuntimeException when we were wrong; the sender gets a 500 without a body, unless an
   *     answer was sent before
   */
  void handle(Request request, ResponseCallback callback);
}
