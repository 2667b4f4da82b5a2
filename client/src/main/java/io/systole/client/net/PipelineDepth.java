// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

/**
 * The number of requests that one event loop sends to a server ahead of their responses, on each
 * connection. For one thread.
 *
 * <p>A server that closes connections does not process what was sent behind its last response. Then
 * the depth falls to one, which such a server always processes, and rises with the responses that
 * single connections give: a server that closes after every few of them is not sent any ahead.
 */
final class PipelineDepth {
  /**
   * For so many responses on a connection the depth rises by one. A server that closes after a
   * hundred, which is Tomcat's default, comes to seven.
   */
  private static final int RESPONSES_PER_STEP = 16;

  /** No connection may have more in flight. */
  private static final int MAX = 1 << 20;

  private int depth = MAX;

  int depth() {
    return depth;
  }

  /** Falls to one: a connection was closed with requests behind its last response. */
  void pipelineClosed() {
    depth = 1;
  }

  /**
   * Rises with the responses of a connection.
   *
   * @param counted of them, the ones that it has risen with before
   * @param responses of that connection in all
   * @return how many it has risen with now
   */
  int responded(int counted, int responses) {
    int steps = (responses - counted) / RESPONSES_PER_STEP;
    depth = Math.min(MAX, depth + steps);
    return counted + steps * RESPONSES_PER_STEP;
  }
}
