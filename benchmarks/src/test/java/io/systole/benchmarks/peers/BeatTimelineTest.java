// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.benchmarks.servers.FigureRange;
import java.io.IOException;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

final class BeatTimelineTest {
  private static final Instant START = Instant.parse("2026-11-22T10:00:00Z");
  private static final JsonNode REPORT = new ObjectMapper().readTree("""
      {"part":{"windowStart":"2026-11-22T10:00:00Z"},"timeline":[
        {"atSecs":1,"secs":1,"answered":100,"not200":0,"failed":0,"p99Ms":90.0,"maxMs":99.0},
        {"atSecs":2,"secs":1,"answered":100,"not200":2,"failed":1,"p99Ms":1.0,"maxMs":5.0},
        {"atSecs":3,"secs":1,"answered":0,"not200":0,"failed":0,"p99Ms":null,"maxMs":null},
        {"atSecs":4,"secs":1,"answered":100,"not200":0,"failed":0,"p99Ms":3.0,"maxMs":4.0},
        {"atSecs":5,"secs":1,"answered":100,"not200":0,"failed":0,"p99Ms":90.0,"maxMs":99.0}]}
      """);

  @Test
  void between_partOfTheRun_hasWholeSamplesWithin() throws IOException {
    BeatTimeline.Beats beats =
        BeatTimeline.of(REPORT).between(START.plusMillis(900), START.plusMillis(4_100));

    assertThat(beats).isEqualTo(new BeatTimeline.Beats(3, 198, 3, new FigureRange(2, 1, 3), 5));
  }

  @Test
  void between_noResponse_throwsIOException() throws IOException {
    BeatTimeline timeline = BeatTimeline.of(REPORT);

    assertThatThrownBy(() -> timeline.between(START.plusMillis(2_000), START.plusMillis(3_000)))
        .isInstanceOf(IOException.class);
  }

  @Test
  void of_reportWithoutTimeline_throwsIOException() {
    JsonNode report = new ObjectMapper().readTree("{\"window\":{}}");

    assertThatThrownBy(() -> BeatTimeline.of(report)).hasMessageContaining("timeline");
  }
}
