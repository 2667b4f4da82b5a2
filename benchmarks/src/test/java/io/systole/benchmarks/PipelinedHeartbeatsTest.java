// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class PipelinedHeartbeatsTest {
  @Test
  void ofTargets_smallFleet_beatsInRoundsOfEveryInstance() {
    BenchmarkFleet fleet = new BenchmarkFleet(10);

    PipelinedHeartbeats stream = PipelinedHeartbeats.ofTargets(fleet);

    List<String> everyInstance = IntStream.range(0, 10)
        .mapToObj(i -> new String(fleet.target(i), US_ASCII))
        .toList();
    assertThat(stream.beatCount()).isGreaterThan(4000);
    assertThat(beats(stream, 0, 10)).containsExactlyInAnyOrderElementsOf(everyInstance);
    assertThat(beats(stream, 10, 20)).containsExactlyInAnyOrderElementsOf(everyInstance);
    assertThat(beats(stream, 10, 20)).isNotEqualTo(beats(stream, 0, 10));
  }

  @Test
  void ofHeads_anyBeat_isOneWholeHead() {
    PipelinedHeartbeats stream =
        PipelinedHeartbeats.ofHeads(new BenchmarkFleet(3), HeartbeatHeaders.JERSEY);

    assertThat(beats(stream, 0, 6))
        .allSatisfy(head -> assertThat(head)
            .startsWith("PUT /v2/apps/APP-00000/host-000000")
            .contains("?status=UP&lastDirtyTimestamp=1700000000000 HTTP/1.1\r\nAccept: ")
            .endsWith("\r\nContent-Length: 0\r\n\r\n"));
  }

  @Test
  void ofHeads_twice_givesTheSameBytes() {
    PipelinedHeartbeats first =
        PipelinedHeartbeats.ofHeads(new BenchmarkFleet(100), HeartbeatHeaders.LEAN);

    PipelinedHeartbeats second =
        PipelinedHeartbeats.ofHeads(new BenchmarkFleet(100), HeartbeatHeaders.LEAN);

    assertThat(second.bytes()).isEqualTo(first.bytes());
  }

  private static List<String> beats(PipelinedHeartbeats stream, int from, int to) {
    List<String> beats = new ArrayList<>();
    for (int i = from; i < to; i++) {
      beats.add(new String(
          stream.bytes(), stream.start(i), stream.start(i + 1) - stream.start(i), US_ASCII));
    }
    return beats;
  }
}
