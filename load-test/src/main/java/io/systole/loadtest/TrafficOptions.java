// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import io.systole.client.Arrivals;
import io.systole.loadtest.runner.Traffic;
import io.systole.loadtest.runner.Workload.Mode;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The shape of the heartbeats on the wire. */
final class TrafficOptions {
  private static final double MS_PER_SEC = 1e3;

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

  @Option(
      names = "--metadata-bytes",
      defaultValue = "0",
      paramLabel = "N",
      description = "Bytes of metadata that each registration carries in addition, 0..1000000;"
          + " ${DEFAULT-VALUE} unless given.")
  private int metadataBytes;

  @Option(
      names = "--sources",
      converter = Sources.Converter.class,
      paramLabel = "ADDRESSES",
      description = "Local addresses that connections are opened from, in turn, e.g."
          + " 127.0.0.2,127.0.0.3 or 127.0.0.2-9; up to 1024.")
  private @Nullable Sources sources;

  @Option(
      names = "--delta-readers",
      defaultValue = "0",
      paramLabel = "N",
      description = "Clients that read /apps/delta beside the heartbeats, 0..100000;"
          + " ${DEFAULT-VALUE} unless given.")
  private int deltaReaders;

  @Option(
      names = "--delta-interval",
      defaultValue = "30s",
      converter = TimeText.Seconds.class,
      paramLabel = "T",
      description = "Time between the reads of one of them; ${DEFAULT-VALUE} unless given.")
  @SuppressWarnings("NullAway.Init")
  private Double deltaIntervalSecs;

  Traffic traffic(Mode mode, boolean isConnectionPerInstance) {
    return shape(mode, isConnectionPerInstance)
        .withMetadataBytes(metadataBytes)
        .withSources(sources == null ? List.of() : sources.addresses())
        .withDeltaReaders(deltaReaders, Math.round(deltaIntervalSecs * MS_PER_SEC));
  }

  private Traffic shape(Mode mode, boolean isConnectionPerInstance) {
    return new Traffic(
        arrivals == ArrivalOption.even ? Arrivals.EVEN : Arrivals.POISSON,
        batching == null ? mode == Mode.PEAK : batching == Switch.on,
        headers == HeaderStyle.stock,
        isConnectionPerInstance,
        churnPerMin);
  }
}
