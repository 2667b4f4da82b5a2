// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.peers;

import io.systole.benchmarks.servers.FigureRange;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * The heartbeats of a run of the load test, second by second.
 *
 * @param start of the measurement
 * @param samples of the report, in order
 */
record BeatTimeline(Instant start, JsonNode samples) {
  private static final double MS_PER_SEC = 1e3;

  /**
   * The heartbeats of one part of a run.
   *
   * @param secs covered by whole samples
   * @param renewed responses with status 200
   * @param notRenewed heartbeats with another status or without a response
   * @param p99Ms from due to the response, of each second
   * @param maxMs from due to the response
   */
  record Beats(double secs, long renewed, long notRenewed, FigureRange p99Ms, double maxMs) {}

  /**
   * Reads the report of a run.
   *
   * @throws IOException if it has no timeline
   */
  static BeatTimeline of(JsonNode report) throws IOException {
    JsonNode windowStart = report.path("part").path("windowStart");
    if (!windowStart.isString() || report.path("timeline").isEmpty()) {
      throw new IOException("report lacks the timeline");
    }
    return new BeatTimeline(Instant.parse(windowStart.asString()), report.path("timeline"));
  }

  /**
   * Returns the heartbeats of the samples that lie between two times.
   *
   * @throws IOException if there are none
   */
  Beats between(Instant from, Instant to) throws IOException {
    double fromSecs = Duration.between(start, from).toMillis() / MS_PER_SEC;
    double toSecs = Duration.between(start, to).toMillis() / MS_PER_SEC;
    double secs = 0;
    long renewed = 0;
    long notRenewed = 0;
    double maxMs = 0;
    List<Double> p99Ms = new ArrayList<>();
    for (JsonNode sample : samples) {
      double atSecs = sample.path("atSecs").asDouble();
      double lengthSecs = sample.path("secs").asDouble();
      if (atSecs - lengthSecs < fromSecs || atSecs > toSecs) {
        continue;
      }
      secs += lengthSecs;
      renewed += sample.path("answered").asLong() - sample.path("not200").asLong();
      notRenewed += sample.path("not200").asLong() + sample.path("failed").asLong();
      if (sample.path("p99Ms").isNumber()) {
        p99Ms.add(sample.path("p99Ms").asDouble());
        maxMs = Math.max(maxMs, sample.path("maxMs").asDouble());
      }
    }
    if (p99Ms.isEmpty()) {
      throw new IOException("no heartbeat was answered from " + from + " to " + to);
    }
    return new Beats(secs, renewed, notRenewed, FigureRange.of(p99Ms), maxMs);
  }
}
