// SPDX-License-Identifier: Apache-2.0
package io.systole.server.route;

/** A handler that may respond after it has returned. */
@FunctionalInterface
public interface AsyncRequestHandler {
  /**
   * Handles a request. Called on an event loop; must not block. The connection sets no timeout for
   * the response, so the handler must eventually send one.
   *
   * @throws RuntimeException on an internal error; the response is a 500 without a body, unless one
   *     was already sent
   */
  void handle(Request request, ResponseCallback callback);
}
