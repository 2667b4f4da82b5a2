// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.matrix;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** The servers, the loads and the size of a run. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields before the call
final class MatrixOptions {
  @Option(
      names = "--servers",
      split = ",",
      defaultValue = "responder,constant,baseline,systole,systole-large,redis",
      converter = MatrixServer.ByLabel.class,
      description = "Among responder, constant, baseline, systole, systole-large, redis, stock.")
  private List<MatrixServer> servers;

  @Option(names = "--stock", description = "The Spring Cloud Eureka server too, in a few cells.")
  private boolean isWithStock;

  @Option(
      names = "--cells",
      split = ",",
      defaultValue = "saturated:64x1,saturated:64x16,saturated:64x64,"
          + "saturated:1024x1,saturated:1024x16,saturated:1024x64,"
          + "paced:64x5000,paced:64x30000,paced:64x100000,"
          + "paced:10000x5000,paced:10000x30000,paced:10000x100000",
      converter = MatrixCell.ByLabel.class,
      description = "Loads: saturated:CONNECTIONSxIN_FLIGHT (on each connection) and"
          + " paced:CONNECTIONSxPER_SECOND (on all).")
  private List<MatrixCell> cells;

  @Option(names = "--rounds", defaultValue = "3")
  private int rounds;

  @Option(names = "--seconds", defaultValue = "3", description = "Of each sample.")
  private int seconds;

  @Option(
      names = "--warmup",
      defaultValue = "3",
      description = "Seconds of each load by which a server is warmed up.")
  private int warmupSecs;

  @Option(names = "--loops", defaultValue = "1", description = "Event loops of each server.")
  private int loops;

  @Option(
      names = "--instances",
      defaultValue = "10000",
      description = "Of all servers but systole-large.")
  private int instances;

  @Option(
      names = "--large-instances",
      defaultValue = "1000000",
      description = "Of systole-large, whose heap has 2.2 GB.")
  private int largeInstances;

  /** Returns the servers in the order of their measurement. */
  List<MatrixServer> servers() {
    List<MatrixServer> all = new ArrayList<>(servers);
    if (isWithStock && !all.contains(MatrixServer.STOCK)) {
      all.add(MatrixServer.STOCK);
    }
    return all;
  }

  List<MatrixCell> cells() {
    return cells;
  }

  int rounds() {
    return rounds;
  }

  int seconds() {
    return seconds;
  }

  int warmupSecs() {
    return warmupSecs;
  }

  int loops() {
    return loops;
  }

  int instances(MatrixServer server) {
    return server == MatrixServer.SYSTOLE_LARGE ? largeInstances : instances;
  }
}
