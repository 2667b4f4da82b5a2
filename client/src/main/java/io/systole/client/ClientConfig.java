// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import io.systole.client.net.ConnectionSettings;
import io.systole.client.net.HealthSettings;
import io.systole.client.tls.TlsFiles;
import io.systole.protocol.http.HttpLimits;

/**
 * Every option of the client. {@link ClientBuilder} has the defaults and checks the ranges.
 *
 * @param loops event loops, 1..64 and at most {@code connections}
 * @param connections kept open, 1..1_000_000
 * @param inFlightMax requests sent and not answered per connection, 1..65_536
 * @param changesInFlightMax registrations and cancels sent and not answered in all,
 *     {@code loops}..65_536
 * @param changesPerSecMax registrations and cancels sent per second in all,
 *     {@code loops}..1_000_000; 0 leaves them unlimited
 * @param retryMinMs first wait after a change has failed, 1..{@code retryMaxMs}
 * @param retryMaxMs longest wait after failures in a row, up to 3_600_000
 * @param beatsPerWriteMax heartbeats that one write carries before the next connection is used,
 *     1..65_536; not of account at full speed
 * @param arrivals spread of the due times
 * @param hasConnectionPerInstance whether an instance keeps to one connection
 * @param intervalMs between heartbeats of an instance, 1..86_400_000; 0 leaves it to the instance's
 *     own {@code leaseInfo}
 * @param jitterMs bound of the random delay of each heartbeat, 0..86_400_000; never more than the
 *     interval
 * @param responseTimeoutMs from a request's sending to its answer, 1..3_600_000
 * @param connectTimeoutMs from an attempt to connect to its success, 1..3_600_000
 * @param reconnectMinMs first wait after a loss, 1..{@code reconnectMaxMs}
 * @param reconnectMaxMs longest wait after losses in a row, up to 3_600_000
 * @param closeTimeoutMs bound of closing in all, 0..3_600_000
 * @param responseBodyBytesMax of an answer's body, 0..16_777_216
 * @param cancelOnClose whether closing cancels all instances first
 * @param overdueMax connections in a row that end for an overdue answer before the server counts as
 *     lost, 1..65_536
 * @param refusalsMax read cycles in a row that end with 5xx, 429 or a redirect before another
 *     server is looked for, 1..65_536
 * @param returnMs how long a failed server of a better zone is left alone, up to 86_400_000; 0
 *     never returns
 * @param retryAfterMsMax longest wait that a server may ask for, up to 3_600_000; 0 obeys none
 * @param connectionAgeMsMax from a connection's opening to its replacement, up to 86_400_000; 0
 *     keeps it for ever
 * @param beatAgain whether a beat that came to nothing is sent again
 * @param tls PEM files for TLS
 */
record ClientConfig(
    int loops,
    int connections,
    int inFlightMax,
    int changesInFlightMax,
    int changesPerSecMax,
    int retryMinMs,
    int retryMaxMs,
    int beatsPerWriteMax,
    Arrivals arrivals,
    boolean hasConnectionPerInstance,
    int intervalMs,
    int jitterMs,
    int responseTimeoutMs,
    int connectTimeoutMs,
    int reconnectMinMs,
    int reconnectMaxMs,
    int closeTimeoutMs,
    int responseBodyBytesMax,
    boolean cancelOnClose,
    int overdueMax,
    int refusalsMax,
    int returnMs,
    int retryAfterMsMax,
    int connectionAgeMsMax,
    boolean beatAgain,
    TlsFiles tls) {

  /** A day; also what longer intervals of instances become. */
  static final int DAY_MS = 86_400_000;

  /** Throws {@link IllegalArgumentException} when options do not fit each other. */
  ClientConfig {
    requireWithin("loops", loops, 1, connections);
    requireWithin("changesInFlightMax", changesInFlightMax, loops, Integer.MAX_VALUE);
    if (changesPerSecMax != 0) {
      requireWithin("changesPerSecMax", changesPerSecMax, loops, Integer.MAX_VALUE);
    }
  }

  HealthSettings healthSettings() {
    return new HealthSettings(
        overdueMax, refusalsMax, reconnectMinMs, reconnectMaxMs, returnMs, retryAfterMsMax);
  }

  ConnectionSettings lineSettings() {
    return new ConnectionSettings(
        inFlightMax,
        responseTimeoutMs,
        connectTimeoutMs,
        reconnectMinMs,
        reconnectMaxMs,
        connectionAgeMsMax,
        HttpLimits.DEFAULT,
        responseBodyBytesMax);
  }

  /** One event loop's part of what the client may do in all. */
  record Share(int connections, int changesInFlightMax, int changesPerSecMax) {}

  /** The first loops get one more of what cannot be shared out evenly. */
  Share share(int loop) {
    return new Share(
        share(connections, loop), share(changesInFlightMax, loop), share(changesPerSecMax, loop));
  }

  private int share(int all, int loop) {
    return all / loops + (loop < all % loops ? 1 : 0);
  }

  static void requireWithin(String option, int value, int min, int max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          option + "=" + value + " is not within " + min + ".." + max);
    }
  }
}
