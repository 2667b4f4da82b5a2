// SPDX-License-Identifier: Apache-2.0
package io.systole.server.hostile;

/**
 * The port of the node under attack, which changes with each restart.
 *
 * <p>Written by the thread of the test and, once a process has ended, by that which reaps it; read
 * by all (volatile). The two never race: a node is started after the last one was reaped.
 */
final class Target {
  /** The port while there is no node. */
  static final int DOWN = 0;

  private volatile int port = DOWN;
  private volatile boolean isStopping;

  int port() {
    return port;
  }

  boolean isUp() {
    return port != DOWN;
  }

  /** Whether the node was told to stop: it may report 503 then. */
  boolean isStopping() {
    return isStopping;
  }

  void beginStop() {
    isStopping = true;
  }

  void moveTo(int newPort) {
    port = newPort;
  }

  void goDown() {
    port = DOWN;
  }

  /** Goes down unless there is another node by now. */
  void leave(int endedPort) {
    if (port == endedPort) {
      port = DOWN;
    }
  }
}
