// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.client.ClientState;
import io.systole.protocol.time.Clock;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FleetRegistrationTest {
  @Test
  void run_targetNeverResponds_failsWithTheCause() throws Exception {
    // The system completes connections that are never accepted.
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Workload workload = Workload.builder(
              Workload.Mode.RUN, URI.create("http://127.0.0.1:" + silent.getLocalPort() + "/v2"))
          .fleet(20, 1, 1_000)
          .load(2, 4, 1)
          .window(0, 1_000)
          .limits(60_000, 1_000)
          .keep(true)
          .build();
      Progress progress = new Progress(new PrintWriter(Writer.nullWriter()), false);
      try (LoadSession session = new LoadSession(workload, progress, Clock.SYSTEM, 300)) {
        session.awaitConnection();

        assertThatThrownBy(session::register)
            .isInstanceOf(LoadTestException.class)
            .hasMessageStartingWith(
                "no registration accepted for 300 ms, after 0: " + "the target does not respond, ")
            .hasMessageEndingWith("last connection loss: none");
      }
    }
  }

  @Test
  void describeStall_connectionsLost_namesThemAndWhatWasTried() {
    ClientState state = new ClientState(20, 5, 0, 15, 0, 0, "Connection reset", List.of(), 0);

    String text = FleetRegistration.describeStall(30_000, 5, state, Map.of("TIMED_OUT", 7L));

    assertThat(text)
        .isEqualTo("no registration accepted for 30000 ms, after 5: no connection is open;"
            + " without a response so far: {TIMED_OUT=7}; last connection loss: Connection reset");
  }
}
