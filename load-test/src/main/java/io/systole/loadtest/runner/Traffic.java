// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import io.systole.client.Arrivals;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * The shape of the heartbeats on the wire.
 *
 * @param arrivals spread of the due times
 * @param isBatched whether heartbeats that are due together leave one connection in one write
 * @param hasStockHeaders whether requests carry the header fields of Netflix's client
 * @param isConnectionPerInstance whether each instance has a connection of its own
 * @param churnPerMin share of the connections closed and reopened per minute, 0..60; 0 for none
 * @param metadataBytes by which the metadata of each registration grows, 0..1_000_000
 * @param sources local addresses of the connections, in turn; empty leaves it to the system
 * @param deltaReaders clients that read the delta beside the heartbeats, 0..100_000
 * @param deltaIntervalMs between the reads of one of them, 10..86_400_000
 */
public record Traffic(
    Arrivals arrivals,
    boolean isBatched,
    boolean hasStockHeaders,
    boolean isConnectionPerInstance,
    double churnPerMin,
    int metadataBytes,
    List<InetAddress> sources,
    int deltaReaders,
    long deltaIntervalMs) {
  private static final double CHURN_MAX = 60;

  /** A server refuses documents of this size unless told otherwise. */
  public static final int METADATA_BYTES_MAX = 1_000_000;

  private static final int SOURCES_MAX = 1_024;
  private static final int READERS_MAX = 100_000;
  private static final int READ_INTERVAL_MS_MIN = 10;
  private static final int DAY_MS = 86_400_000;
  private static final int USUAL_READ_INTERVAL_MS = 30_000;
  private static final double MS_PER_SEC = 1e3;
  private static final double PERCENT = 100;
  private static final double MS_PER_MIN = 60_000;

  /** Connections last from three quarters of their greatest age to the whole of it. */
  private static final double MEAN_OF_AGE_MAX = 0.875;

  /** The shape that independent clients produce, over shared connections. */
  public static final Traffic FIELD = new Traffic(Arrivals.POISSON, false, true, false, 0);

  /** Throws {@link IllegalArgumentException}, naming the option that is out of its range. */
  public Traffic {
    if (!(churnPerMin >= 0 && churnPerMin <= CHURN_MAX)) {
      throw new IllegalArgumentException(
          "--churn is out of range: " + churnPerMin + " is not within 0.." + CHURN_MAX);
    }
    Workload.require("--metadata-bytes", metadataBytes, 0, METADATA_BYTES_MAX);
    Workload.require("--sources", sources.size(), 0, SOURCES_MAX);
    Workload.require("--delta-readers", deltaReaders, 0, READERS_MAX);
    Workload.require("--delta-interval in ms", deltaIntervalMs, READ_INTERVAL_MS_MIN, DAY_MS);
    sources = List.copyOf(sources);
  }

  /** Makes traffic without payload or readers, from the address that the system chooses. */
  public Traffic(
      Arrivals arrivals,
      boolean isBatched,
      boolean hasStockHeaders,
      boolean isConnectionPerInstance,
      double churnPerMin) {
    this(
        arrivals,
        isBatched,
        hasStockHeaders,
        isConnectionPerInstance,
        churnPerMin,
        0,
        List.of(),
        0,
        USUAL_READ_INTERVAL_MS);
  }

  /** Returns the same with so many more bytes of metadata per registration. */
  public Traffic withMetadataBytes(int bytes) {
    return with(bytes, sources, deltaReaders, deltaIntervalMs);
  }

  /** Returns the same from these local addresses. */
  public Traffic withSources(List<InetAddress> addresses) {
    return with(metadataBytes, addresses, deltaReaders, deltaIntervalMs);
  }

  /** Returns the same with so many clients that read the delta. */
  public Traffic withDeltaReaders(int clients, long intervalMs) {
    return with(metadataBytes, sources, clients, intervalMs);
  }

  private Traffic with(int bytes, List<InetAddress> addresses, int clients, long intervalMs) {
    return new Traffic(
        arrivals,
        isBatched,
        hasStockHeaders,
        isConnectionPerInstance,
        churnPerMin,
        bytes,
        addresses,
        clients,
        intervalMs);
  }

  /** Returns the greatest age of a connection at which that share is replaced; zero for none. */
  Duration connectionAgeMax() {
    return churnPerMin == 0
        ? Duration.ZERO
        : Duration.ofMillis(
            (long) Math.min(86_400_000, Math.max(1, MS_PER_MIN / churnPerMin / MEAN_OF_AGE_MAX)));
  }

  /** Returns it in a few words. */
  String text() {
    return String.format(
        Locale.ROOT,
        "arrivals %s, batching %s, headers %s, connections %s, churn %s%s%s%s",
        arrivals.name().toLowerCase(Locale.ROOT),
        isBatched ? "on" : "off",
        hasStockHeaders ? "stock" : "minimal",
        isConnectionPerInstance ? "per instance" : "shared",
        churnPerMin == 0
            ? "none"
            : String.format(Locale.ROOT, "%.1f", churnPerMin * PERCENT).replaceAll("\\.0$", "")
                + " % per minute",
        metadataBytes == 0 ? "" : ", metadata +" + metadataBytes + " bytes",
        sources.isEmpty() ? "" : ", " + sources.size() + " sources",
        deltaReaders == 0
            ? ""
            : ", " + deltaReaders + " delta readers every " + deltaIntervalMs / MS_PER_SEC + " s");
  }
}
