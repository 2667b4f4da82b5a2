// SPDX-License-Identifier: Apache-2.0
package io.systole.server.hostile;

/**
 * The port of the node under attack, which changes with each restart.
 *
 * <p>Volatile: written by the thread of the test and, once a process has exited, by the thread that
 * reaps it; read by all. The writers never race: a node is started after the last one was reaped.
 */
final class NodePort {
  /** The port when no node is running. */
  static final int DOWN = 0;

  private volatile int port = DOWN;
  private volatile boolean isStopping;

  int port() {
    return port;
  }

  boolean isUp() {
    return port != DOWN;
  }

  /** True if the node is stopping and may report 503. */
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

  /** Clears the port unless another node has started. */
  void leave(int endedPort) {
    if (port == endedPort) {
      port = DOWN;
    }
  }
}
