// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

/**
 * Connections that send their requests byte by byte, and read the answers so, to the end of the
 * window.
 *
 * @param bytesPerSec of each connection
 */
record SlowConnections(int connections, double bytesPerSec) implements ScenarioAction {
  private static final double BYTES_PER_SEC = 10;
  private static final double BYTES_PER_SEC_MIN = 0.1;
  private static final double BYTES_PER_SEC_MAX = 1e6;

  static SlowConnections of(YamlFields fields) {
    return new SlowConnections(
        fields.count("connections", 1, MisbehavingConnections.COUNT_MAX),
        fields.rate("bytes", BYTES_PER_SEC, BYTES_PER_SEC_MIN, BYTES_PER_SEC_MAX));
  }

  @Override
  public void run(ScenarioContext context) {
    context.recordEvent("slow: " + connections + " connections at "
        + MetricUnit.COUNT.format(bytesPerSec) + " bytes/s");
    MisbehavingConnections sockets = new MisbehavingConnections(context, "slow");
    for (int nth = 0; nth < connections; nth++) {
      sockets.add(MisbehavingConnections.Behavior.SLOW, bytesPerSec);
    }
    sockets.begin();
  }
}
