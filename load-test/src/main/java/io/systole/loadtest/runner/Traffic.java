// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import io.systole.client.Arrivals;
import java.time.Duration;
import java.util.Locale;

/**
 * The shape of the heartbeats on the wire.
 *
 * @param arrivals spread of the due times
 * @param isBatched whether heartbeats that are due together leave one connection in one write
 * @param hasStockHeaders whether requests carry the header fields of Netflix's client
 * @param isConnectionPerInstance whether each instance has a connection of its own
 * @param churnPerMin share of the connections closed and reopened per minute, 0..10; 0 for none
 */
public record Traffic(
    Arrivals arrivals,
    boolean isBatched,
    boolean hasStockHeaders,
    boolean isConnectionPerInstance,
    double churnPerMin) {
  private static final double CHURN_MAX = 10;
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
        "arrivals %s, batching %s, headers %s, connections %s, churn %s",
        arrivals.name().toLowerCase(Locale.ROOT),
        isBatched ? "on" : "off",
        hasStockHeaders ? "stock" : "minimal",
        isConnectionPerInstance ? "per instance" : "shared",
        churnPerMin == 0
            ? "none"
            : String.format(Locale.ROOT, "%.1f", churnPerMin * PERCENT).replaceAll("\\.0$", "")
                + " % per minute");
  }
}
