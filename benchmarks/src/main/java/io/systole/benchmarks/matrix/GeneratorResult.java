// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.matrix;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.ObjectMapper;

/**
 * The line that the generator prints.
 *
 * @param ok expected responses
 * @param bad other ones, and missing ones
 * @param unsent heartbeats for which the connection had too many in flight
 * @param seconds from the first request to the last response
 * @param cpuNs CPU time of the server meanwhile
 * @param latency null unless paced
 */
record GeneratorResult(
    long ok,
    long bad,
    long unsent,
    double seconds,
    long cpuNs,
    @Nullable Latency latency) {
  private static final double NS_PER_US = 1e3;
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Latencies from the time at which heartbeats were due, µs.
   *
   * @param windowP50Us the median of those of windows of one second
   */
  record Latency(
      double p50Us,
      double p99Us,
      double p999Us,
      double maxUs,
      double windowP50Us,
      double windowP99Us) {}

  /** A line without all counts has no time either. */
  GeneratorResult {
    if (seconds <= 0) {
      throw new IllegalArgumentException("seconds=" + seconds);
    }
  }

  /**
   * Parses the line.
   *
   * @throws IOException if it is none of the generator's
   */
  static GeneratorResult parse(String line) throws IOException {
    try {
      return JSON.readValue(line, GeneratorResult.class);
    } catch (JacksonException e) {
      throw new IOException("not a result of the generator: " + line, e);
    }
  }

  /** Returns the CPU time of the server per response, µs. */
  double cpuUsPerResponse() {
    return cpuNs / NS_PER_US / ok;
  }

  double responsesPerSec() {
    return ok / seconds;
  }
}
