// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import io.systole.client.Arrivals;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * The traffic shape of a load run.
 *
 * @param arrivals distribution of the due times
 * @param isBatched whether heartbeats that are due together share one write on a connection
 * @param hasStockHeaders whether requests carry the header fields of Netflix's client
 * @param isConnectionPerInstance whether each instance has its own connection
 * @param churnPerMin share of the connections closed and reopened per minute, 0..60; 0 for none
 * @param metadataBytes additional metadata per registration, bytes, 0..1_000_000
 * @param sources local addresses of the connections, used round-robin; empty for the system's
 *     choice
 * @param deltaReaders clients that poll the delta, 0..100_000
 * @param deltaIntervalMs polling interval of a delta reader, 10..86_400_000
 * @param bulkWindowMs the longest time that a heartbeat waits for a renewal frame, 0..60_000; 0 for
 *     a request for each
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
    long deltaIntervalMs,
    int bulkWindowMs) {
  private static final double CHURN_MAX = 60;

  /** Servers commonly reject larger documents. */
  public static final int METADATA_BYTES_MAX = 1_000_000;

  private static final int SOURCES_MAX = 1_024;
  private static final int READERS_MAX = 100_000;
  private static final int READ_INTERVAL_MS_MIN = 10;
  private static final int DAY_MS = 86_400_000;
  private static final int BULK_WINDOW_MS_MAX = 60_000;
  private static final int DEFAULT_READ_INTERVAL_MS = 30_000;
  private static final double MS_PER_SEC = 1e3;
  private static final double PERCENT = 100;
  private static final double MS_PER_MIN = 60_000;

  /**
   * The mean age of a connection relative to its maximum: ages are spread over the last quarter.
   */
  private static final double MEAN_OF_AGE_MAX = 0.875;

  /** The traffic of independent clients over shared connections. */
  public static final Traffic FIELD = new Traffic(Arrivals.POISSON, false, true, false, 0);

  /** @throws IllegalArgumentException naming the option that is out of range */
  public Traffic {
    if (!(churnPerMin >= 0 && churnPerMin <= CHURN_MAX)) {
      throw new IllegalArgumentException(
          "--churn is out of range: " + churnPerMin + " is not within 0.." + CHURN_MAX);
    }
    OptionRange.require("--metadata-bytes", metadataBytes, 0, METADATA_BYTES_MAX);
    OptionRange.require("--sources", sources.size(), 0, SOURCES_MAX);
    OptionRange.require("--delta-readers", deltaReaders, 0, READERS_MAX);
    OptionRange.require("--delta-interval in ms", deltaIntervalMs, READ_INTERVAL_MS_MIN, DAY_MS);
    OptionRange.require("--bulk in ms", bulkWindowMs, 0, BULK_WINDOW_MS_MAX);
    if (bulkWindowMs > 0 && isConnectionPerInstance) {
      throw new IllegalArgumentException(
          "--bulk requires shared connections, but each instance has its own");
    }
    sources = List.copyOf(sources);
  }

  /**
   * Creates traffic without additional metadata or readers, from the system's choice of address.
   */
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
        DEFAULT_READ_INTERVAL_MS,
        0);
  }

  /** Returns a copy with this much additional metadata per registration. */
  public Traffic withMetadataBytes(int bytes) {
    return with(bytes, sources, deltaReaders, deltaIntervalMs, bulkWindowMs);
  }

  /** Returns a copy with these local addresses. */
  public Traffic withSources(List<InetAddress> addresses) {
    return with(metadataBytes, addresses, deltaReaders, deltaIntervalMs, bulkWindowMs);
  }

  /** Returns a copy with these delta readers. */
  public Traffic withDeltaReaders(int clients, long intervalMs) {
    return with(metadataBytes, sources, clients, intervalMs, bulkWindowMs);
  }

  /** Returns a copy whose heartbeats wait this long for a renewal frame; 0 for no frames. */
  public Traffic withBulkWindow(int windowMs) {
    return with(metadataBytes, sources, deltaReaders, deltaIntervalMs, windowMs);
  }

  private Traffic with(
      int bytes, List<InetAddress> addresses, int clients, long intervalMs, int windowMs) {
    return new Traffic(
        arrivals,
        isBatched,
        hasStockHeaders,
        isConnectionPerInstance,
        churnPerMin,
        bytes,
        addresses,
        clients,
        intervalMs,
        windowMs);
  }

  /** Returns the maximum age of a connection that gives the churn; zero for none. */
  Duration connectionAgeMax() {
    return churnPerMin == 0
        ? Duration.ZERO
        : Duration.ofMillis(
            (long) Math.min(86_400_000, Math.max(1, MS_PER_MIN / churnPerMin / MEAN_OF_AGE_MAX)));
  }

  /** Returns a short description. */
  String text() {
    return String.format(
        Locale.ROOT,
        "arrivals %s, batching %s, headers %s, connections %s, churn %s%s%s%s%s",
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
            : ", " + deltaReaders + " delta readers every " + deltaIntervalMs / MS_PER_SEC + " s",
        bulkWindowMs == 0 ? "" : ", frames every " + bulkWindowMs + " ms");
  }
}
