// SPDX-License-Identifier: Apache-2.0
package io.systole.server.route;

/** The callback of an {@link AsyncRequestHandler}. Thread-safe. */
public interface ResponseCallback {
  /** Sends the response. Has no effect after the first call or once the connection has closed. */
  void send(Response response);

  /**
   * Registers an action to run once, on the event loop, if the connection closes before the
   * response is sent; runs it immediately on this thread if the connection has closed. Replaces the
   * action registered before.
   */
  void onAbandoned(Runnable action);
}
