// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.client.ReservedPort;
import io.systole.client.stock.StockProgram;
import io.systole.client.stock.StockRegistry;
import io.systole.client.stock.StockServer;
import java.io.IOException;
import java.net.URI;
import java.util.List;

/** A stock server, which is empty after a start. */
final class StockClusterServer implements ClusterServer {
  private final StockProgram program;
  private final StockServer server;

  private StockClusterServer(StockProgram program, StockServer server) {
    this.program = program;
    this.server = server;
  }

  static StockClusterServer start(StockProgram program, ReservedPort port, List<URI> peers)
      throws IOException {
    return new StockClusterServer(program, StockServer.start(program, port, peers));
  }

  @Override
  public StockRegistry registry() {
    return server.registry();
  }

  @Override
  public void kill() {
    server.kill();
  }

  @Override
  public void startAgain() throws IOException {
    server.startEmpty();
  }

  @Override
  public void close() {
    server.close();
  }

  @Override
  public String toString() {
    return program.toString();
  }
}
