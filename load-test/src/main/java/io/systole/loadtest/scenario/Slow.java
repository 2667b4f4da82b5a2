// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

/**
 * Connections that send their requests byte by byte, and read the answers so, to the end of the
 * window.
 *
 * @param bytesPerSec of each connection
 */
record Slow(int connections, double bytesPerSec) implements Action {
  private static final double BYTES_PER_SEC = 10;
  private static final double BYTES_PER_SEC_MIN = 0.1;
  private static final double BYTES_PER_SEC_MAX = 1e6;

  static Slow of(Fields fields) {
    return new Slow(
        fields.count("connections", 1, Sockets.COUNT_MAX),
        fields.rate("bytes", BYTES_PER_SEC, BYTES_PER_SEC_MIN, BYTES_PER_SEC_MAX));
  }

  @Override
  public void play(Stage stage) {
    stage.tell(
        "slow: " + connections + " connections at " + Unit.COUNT.format(bytesPerSec) + " bytes/s");
    Sockets sockets = new Sockets(stage, "slow");
    for (int nth = 0; nth < connections; nth++) {
      sockets.add(Sockets.Manner.DRIPPING, bytesPerSec);
    }
    sockets.begin();
  }
}
