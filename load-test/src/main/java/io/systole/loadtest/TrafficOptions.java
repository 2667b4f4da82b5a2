// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import io.systole.client.Arrivals;
import io.systole.loadtest.runner.Traffic;
import io.systole.loadtest.runner.Workload.Mode;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The traffic shape: arrivals, headers, connection churn, payload and readers. */
final class TrafficOptions {
  private static final double MS_PER_SEC = 1e3;

  /** The values of {@code --arrivals}. */
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
      description = "Due times: random, like those of independent clients, or evenly spaced."
          + " Default: ${DEFAULT-VALUE}.")
  @SuppressWarnings("NullAway.Init")
  private ArrivalOption arrivals;

  @Option(
      names = "--batching",
      paramLabel = "on|off",
      description = "Write heartbeats that are due together at once. Default: off; on for peak.")
  private @Nullable Switch batching;

  @Option(
      names = "--bulk",
      defaultValue = "0",
      converter = TimeText.Milliseconds.class,
      paramLabel = "T",
      description =
          "Time that a heartbeat waits for others to be sent with in one renewal frame, up"
              + " to 60s, to servers that support it; 0 for a request for each."
              + " Default: ${DEFAULT-VALUE}.")
  @SuppressWarnings("NullAway.Init")
  private Double bulkWindowMs;

  @Option(
      names = "--headers",
      defaultValue = "stock",
      paramLabel = "stock|minimal",
      description = "Header fields of the Netflix client, or only those that HTTP requires."
          + " Default: ${DEFAULT-VALUE}.")
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
      description = "Additional metadata per registration, bytes, 0..1000000."
          + " Default: ${DEFAULT-VALUE}.")
  private int metadataBytes;

  @Option(
      names = "--sources",
      converter = Sources.Converter.class,
      paramLabel = "ADDRESSES",
      description = "Local addresses of the connections, used round-robin, e.g."
          + " 127.0.0.2,127.0.0.3 or 127.0.0.2-9; up to 1024.")
  private @Nullable Sources sources;

  @Option(
      names = "--delta-readers",
      defaultValue = "0",
      paramLabel = "N",
      description = "Clients that poll /apps/delta during the run, 0..100000."
          + " Default: ${DEFAULT-VALUE}.")
  private int deltaReaders;

  @Option(
      names = "--delta-interval",
      defaultValue = "30s",
      converter = TimeText.Seconds.class,
      paramLabel = "T",
      description = "Polling interval of a delta reader. Default: ${DEFAULT-VALUE}.")
  @SuppressWarnings("NullAway.Init")
  private Double deltaIntervalSecs;

  Traffic traffic(Mode mode, boolean isConnectionPerInstance) {
    return shape(mode, isConnectionPerInstance)
        .withMetadataBytes(metadataBytes)
        .withSources(sources == null ? List.of() : sources.addresses())
        .withBulkWindow((int) Math.round(bulkWindowMs))
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
