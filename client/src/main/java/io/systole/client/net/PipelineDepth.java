// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

/**
 * The number of requests that one event loop pipelines to a server per connection. For one thread.
 *
 * <p>A server that closes a connection does not process requests behind its last response. The
 * depth then falls to one, which such a server always processes, and rises with the number of
 * responses that single connections deliver.
 */
final class PipelineDepth {
  /**
   * Responses on one connection that raise the depth by one. With a server that closes after a
   * hundred, Tomcat's default, the depth reaches seven.
   */
  private static final int RESPONSES_PER_STEP = 16;

  /** Limit of {@link InFlightQueue}. */
  private static final int MAX = 1 << 20;

  private int depth = MAX;

  int depth() {
    return depth;
  }

  /** Falls to one, after a connection was closed with requests behind its last response. */
  void pipelineClosed() {
    depth = 1;
  }

  /**
   * Rises with the responses of a connection.
   *
   * @param counted responses that were counted before
   * @param responses total responses of that connection
   * @return responses counted now
   */
  int responded(int counted, int responses) {
    int steps = (responses - counted) / RESPONSES_PER_STEP;
    depth = Math.min(MAX, depth + steps);
    return counted + steps * RESPONSES_PER_STEP;
  }
}
