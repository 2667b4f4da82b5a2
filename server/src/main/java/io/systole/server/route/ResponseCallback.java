// SPDX-License-Identifier: Apache-2.0
package io.systole.server.route;

/** The place of an answer that is owed. Any thread may use it. */
public interface ResponseCallback {
  /** Answers. Only the first counts, and none does once the connection is gone. */
  void send(Response response);

  /**
   * Says what to run if the connection goes before the answer is sent: on its event loop, once, and
   * at once here if it has gone already. The action said last is the one that counts.
   */
  void onAbandoned(Runnable action);
}
