// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import io.systole.loadtest.runner.Traffic;
import io.systole.loadtest.runner.Workload.Mode;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The simulated fleet and its connections. */
final class FleetOptions {
  private static final int INSTANCES_PER_APPLICATION = 100;
  private static final double MS_PER_SEC = 1e3;
  private static final int PER_INSTANCE = Integer.MIN_VALUE;

  /** A number of connections, or {@code per-instance}. */
  private static final class Connections implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      try {
        return text.equals("per-instance") ? PER_INSTANCE : Integer.parseInt(text);
      } catch (NumberFormatException e) {
        throw new TypeConversionException("expected a number or per-instance, got '" + text + "'");
      }
    }
  }

  @Option(
      names = "--instances",
      required = true,
      paramLabel = "N",
      description = "Simulated instances, 1..10000000.")
  private int instances;

  @Option(
      names = "--applications",
      paramLabel = "A",
      description = "Applications of the instances. Default: one per 100 instances.")
  private int applications;

  @Option(
      names = "--connections",
      defaultValue = "8",
      converter = Connections.class,
      paramLabel = "C",
      description =
          "Open connections, 1..65536 for each of --sources, or per-instance for one per instance."
              + " Default: ${DEFAULT-VALUE}.")
  @SuppressWarnings("NullAway.Init")
  private Integer connections;

  @Mixin
  private final TrafficOptions traffic = new TrafficOptions();

  @Option(
      names = "--in-flight",
      defaultValue = "64",
      paramLabel = "D",
      description =
          "Maximum requests in flight per connection, 1..65536. Default: ${DEFAULT-VALUE}.")
  private int inFlight;

  @Option(
      names = "--loops",
      defaultValue = "1",
      paramLabel = "L",
      description = "Event loops of the load generator, 1..64. Default: ${DEFAULT-VALUE}.")
  private int loops;

  @Option(
      names = "--timeout",
      defaultValue = "5s",
      converter = TimeText.Seconds.class,
      paramLabel = "T",
      description = "Response timeout. Default: ${DEFAULT-VALUE}.")
  @SuppressWarnings("NullAway.Init")
  private Double timeoutSecs;

  @Option(
      names = "--lag-max",
      defaultValue = "10",
      paramLabel = "MS",
      description = "Maximum p99 lag of the generator itself, milliseconds, in an open model; a"
          + " run beyond it is invalid. Default: ${DEFAULT-VALUE}.")
  private int lagMsMax;

  @Option(
      names = "--no-compare",
      description = "Skip the comparison with the target's renewal counter, for targets that other"
          + " clients use too.")
  private boolean isNotCompared;

  @Option(names = "--keep", description = "Leave the instances registered at the end.")
  private boolean isKept;

  int instances() {
    return instances;
  }

  int applications() {
    return applications > 0 ? applications : 1 + (instances - 1) / INSTANCES_PER_APPLICATION;
  }

  int connections() {
    return isConnectionPerInstance() ? instances : connections;
  }

  private boolean isConnectionPerInstance() {
    return connections == PER_INSTANCE;
  }

  Traffic traffic(Mode mode) {
    return traffic.traffic(mode, isConnectionPerInstance());
  }

  int inFlight() {
    return inFlight;
  }

  int loops() {
    return loops;
  }

  int timeoutMs() {
    return (int) Math.round(timeoutSecs * MS_PER_SEC);
  }

  int lagMsMax() {
    return lagMsMax;
  }

  boolean isCompared() {
    return !isNotCompared;
  }

  boolean isKept() {
    return isKept;
  }
}
