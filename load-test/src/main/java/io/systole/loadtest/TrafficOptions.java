// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import io.systole.client.Arrivals;
import io.systole.loadtest.runner.Traffic;
import io.systole.loadtest.runner.Workload.Mode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The shape of the heartbeats on the wire. */
final class TrafficOptions {
  /** Arrivals as the command line names them. */
  enum ArrivalOption {
    poisson,
    even
  }

  enum HeaderStyle {
    stock,
    minimal
  }

  enum Switch {
    on,
    off
  }

  @Option(
      names = "--arrivals",
      defaultValue = "poisson",
      paramLabel = "poisson|even",
      description = "Due times: at random, as independent clients have them, or evenly spaced;"
          + " ${DEFAULT-VALUE} unless given.")
  @SuppressWarnings("NullAway.Init")
  private ArrivalOption arrivals;

  @Option(
      names = "--batching",
      paramLabel = "on|off",
      description = "Whether heartbeats that are due together share a write; off unless given, on"
          + " for a peak.")
  private @Nullable Switch batching;

  @Option(
      names = "--headers",
      defaultValue = "stock",
      paramLabel = "stock|minimal",
      description = "Header fields of Netflix's client, or no more than HTTP needs;"
          + " ${DEFAULT-VALUE} unless given.")
  @SuppressWarnings("NullAway.Init")
  private HeaderStyle headers;

  @Option(
      names = "--churn",
      defaultValue = "0",
      converter = ShareConverter.class,
      paramLabel = "SHARE",
      description = "Share of the connections closed and reopened per minute, e.g. 10%%.")
  @SuppressWarnings("NullAway.Init")
  private Double churnPerMin;

  Traffic traffic(Mode mode, boolean isConnectionPerInstance) {
    return new Traffic(
        arrivals == ArrivalOption.even ? Arrivals.EVEN : Arrivals.POISSON,
        batching == null ? mode == Mode.PEAK : batching == Switch.on,
        headers == HeaderStyle.stock,
        isConnectionPerInstance,
        churnPerMin);
  }
}
