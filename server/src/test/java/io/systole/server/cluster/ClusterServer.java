// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.client.stock.StockRegistry;
import java.io.IOException;

/** A server of a cluster in a separate process, always on the same port. For one thread. */
interface ClusterServer extends AutoCloseable {
  /** Returns a reader of its content. */
  StockRegistry registry();

  /** Kills the process, as {@code kill -9} does, and waits for its end. */
  void kill();

  /** Starts the server again after {@link #kill} and waits until it responds. */
  void startAgain() throws IOException, InterruptedException;

  @Override
  void close();
}
