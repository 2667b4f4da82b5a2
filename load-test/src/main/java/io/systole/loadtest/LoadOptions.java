// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import io.systole.loadtest.drive.Workload;
import java.net.URI;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that both ways of driving share. */
final class LoadOptions {
  private static final int INSTANCES_PER_APPLICATION = 100;
  private static final double MS_PER_SEC = 1e3;

  // picocli sets every field, or refuses the command line, before anyone reads one.
  @Option(
      names = "--target",
      required = true,
      paramLabel = "URL",
      description = "Service URL of the registry, e.g. http://127.0.0.1:8761/v2.")
  @SuppressWarnings("NullAway.Init")
  private URI target;

  @Option(
      names = "--instances",
      required = true,
      paramLabel = "N",
      description = "Instances to simulate, 1..10000000.")
  private int instances;

  @Option(
      names = "--applications",
      paramLabel = "A",
      description = "Applications they are spread over; one per 100 instances unless given.")
  private int applications;

  @Option(
      names = "--connections",
      defaultValue = "8",
      paramLabel = "C",
      description = "Connections kept open, 1..65536; ${DEFAULT-VALUE} unless given.")
  private int connections;

  @Option(
      names = "--in-flight",
      defaultValue = "64",
      paramLabel = "D",
      description = "Requests in flight per connection, 1..65536; ${DEFAULT-VALUE} unless given.")
  private int inFlight;

  @Option(
      names = "--loops",
      defaultValue = "1",
      paramLabel = "L",
      description = "Event loops of the load generator, 1..64; ${DEFAULT-VALUE} unless given.")
  private int loops;

  @Option(
      names = "--duration",
      defaultValue = "30",
      paramLabel = "S",
      description = "Seconds that are measured; ${DEFAULT-VALUE} unless given.")
  private double durationSecs;

  @Option(
      names = "--warmup",
      defaultValue = "5",
      paramLabel = "S",
      description = "Seconds driven before that; ${DEFAULT-VALUE} unless given.")
  private double warmupSecs;

  @Option(
      names = "--timeout",
      defaultValue = "5",
      paramLabel = "S",
      description = "Seconds after which a request has failed; ${DEFAULT-VALUE} unless given.")
  private double timeoutSecs;

  @Option(
      names = "--lag-max",
      defaultValue = "10",
      paramLabel = "MS",
      description =
          "Milliseconds that the generator itself may be late at p99 before its figures are invalid,"
              + " where beats are due at their time; ${DEFAULT-VALUE} unless given.")
  private int lagMsMax;

  @Option(
      names = "--no-compare",
      description = "Do not compare the target's count of renewals: others beat there too.")
  private boolean isNotCompared;

  @Option(
      names = "--pid",
      paramLabel = "P",
      description =
          "Process id of the target, if it runs here: its CPU time and memory are reported.")
  private @Nullable Long pid;

  @Option(names = "--json", paramLabel = "FILE", description = "Also write the report as JSON.")
  private @Nullable Path json;

  @Option(names = "--keep", description = "Leave the instances registered at the end.")
  private boolean keep;

  @Nullable
  Path json() {
    return json;
  }

  /**
   * Returns what is to be driven.
   *
   * @throws IllegalArgumentException naming the option that is out of range
   */
  Workload workload(Workload.Mode mode, double intervalSecs) {
    int spread = applications > 0 ? applications : 1 + (instances - 1) / INSTANCES_PER_APPLICATION;
    return new Workload(
        mode,
        target,
        instances,
        spread,
        (int) Math.round(intervalSecs * MS_PER_SEC),
        connections,
        inFlight,
        loops,
        Math.round(warmupSecs * MS_PER_SEC),
        Math.round(durationSecs * MS_PER_SEC),
        (int) Math.round(timeoutSecs * MS_PER_SEC),
        lagMsMax,
        !isNotCompared,
        pid == null ? OptionalLong.empty() : OptionalLong.of(pid),
        keep);
  }
}
