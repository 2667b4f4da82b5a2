// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.peers;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.systole.benchmarks.readcost.BlockingHttpConnection;
import io.systole.benchmarks.readcost.DataSet;
import java.io.IOException;

/**
 * Changes at a server that its peers must receive: cancels of additional instances, and status
 * overrides of instances of the load test's fleet, whose heartbeats go on.
 */
final class FleetChanges {
  /** Cancels and overrides of one phase. */
  private static final int COUNT = 50;

  private static final int PHASES_MAX = 2;

  /** Remaining time of a lease of the default duration that has just been renewed. */
  private static final int LEASE_SECS = 180;

  private static final String PREFIX = "/eureka";
  private static final int REGISTERED = 204;
  private static final int OK = 200;

  private final DataSet cancelled = new DataSet(PHASES_MAX * COUNT, 1, LEASE_SECS);
  private final int port;
  private final int applications;

  /**
   * Creates changes of two phases.
   *
   * @param port of the server
   * @param applications of the fleet
   */
  FleetChanges(int port, int applications) {
    this.port = port;
    this.applications = applications;
  }

  /** Registers the instances that a phase cancels. */
  void prepare(int phase) throws IOException {
    try (BlockingHttpConnection connection = new BlockingHttpConnection(port)) {
      for (int i = phase * COUNT; i < (phase + 1) * COUNT; i++) {
        connection.exchange(cancelled.registration(PREFIX, i, 0), REGISTERED);
      }
    }
  }

  /** Makes the changes of a phase. */
  void apply(int phase) throws IOException {
    try (BlockingHttpConnection connection = new BlockingHttpConnection(port)) {
      for (int i = phase * COUNT; i < (phase + 1) * COUNT; i++) {
        connection.exchange(cancelled.cancellation(PREFIX, i), OK);
        connection.exchange(override(i), OK);
      }
    }
  }

  private byte[] override(int index) {
    String app = "load-" + index % applications;
    return ("PUT " + PREFIX + "/apps/" + app + "/host-" + index + ":" + app
            + ":8080/status?value=OUT_OF_SERVICE HTTP/1.1\r\nHost: localhost\r\n"
            + "Content-Length: 0\r\n\r\n")
        .getBytes(US_ASCII);
  }
}
