// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import io.systole.client.api.TlsFiles;
import io.systole.client.net.ConnectionSettings;
import io.systole.client.net.HealthSettings;
import io.systole.protocol.http.HttpLimits;

/**
 * The validated options of a client. {@link ClientBuilder} has the defaults and checks the ranges.
 *
 * @param loops event loops, 1..64 and at most {@code connections}
 * @param connections open connections, 1..1_000_000
 * @param inFlightMax requests in flight per connection, 1..65_536
 * @param changesInFlightMax registrations and cancels in flight in total, {@code loops}..65_536
 * @param changesPerSecMax registrations and cancels per second in total, {@code loops}..1_000_000;
 *     0 for no limit
 * @param retryMinMs first delay after a failed change, 1..{@code retryMaxMs}
 * @param retryMaxMs longest delay after consecutive failures, up to 3_600_000
 * @param beatsPerWriteMax heartbeats in one write before the next connection is used, 1..65_536;
 *     ignored at full speed
 * @param arrivals distribution of due times
 * @param hasConnectionPerInstance whether each instance uses one connection only
 * @param intervalMs heartbeat interval of every instance, 1..86_400_000; 0 for the instance's own
 *     {@code leaseInfo}
 * @param jitterMs maximum random delay of each heartbeat, 0..86_400_000; at most the interval
 * @param responseTimeoutMs from sending a request to its response, 1..3_600_000
 * @param connectTimeoutMs from the start of an attempt to its success, 1..3_600_000
 * @param reconnectMinMs first delay after a loss, 1..{@code reconnectMaxMs}
 * @param reconnectMaxMs longest delay after consecutive losses, up to 3_600_000
 * @param closeTimeoutMs limit of closing in total, 0..3_600_000
 * @param responseBodyBytesMax size of a response body, 0..16_777_216
 * @param cancelOnClose whether closing first cancels all instances
 * @param overdueMax consecutive response timeouts after which the server counts as lost, 1..65_536
 * @param refusalsMax consecutive read cycles ending with 5xx, 429 or 3xx before failover, 1..65_536
 * @param returnDelayMs delay before returning to a failed server of a more preferred zone, up to
 *     86_400_000; 0 never returns
 * @param retryAfterMsMax longest delay accepted from Retry-After, up to 3_600_000; 0 ignores it
 * @param isRetryAfterPerInstance whether Retry-After delays only the registration that received it
 * @param connectionAgeMsMax from opening a connection to its replacement, up to 86_400_000; 0 for
 *     no limit
 * @param retryHeartbeats whether a failed heartbeat is sent again
 * @param isServerPerLoop whether the event loops prefer the servers of the first zone in turn
 * @param memberIntervalMs between requests for the members of a native cluster, up to 86_400_000; 0
 *     for none
 * @param bulkWindowMs the longest time that a heartbeat waits for others to be sent with in one
 *     renewal frame, 0..60_000; 0 to use no frames
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
    int returnDelayMs,
    int retryAfterMsMax,
    boolean isRetryAfterPerInstance,
    int connectionAgeMsMax,
    boolean retryHeartbeats,
    boolean isServerPerLoop,
    int memberIntervalMs,
    int bulkWindowMs,
    TlsFiles tls) {

  /** One day; also the limit of instance intervals. */
  static final int DAY_MS = 86_400_000;

  /** More than the longest response to a renewal frame. */
  private static final int FRAME_RESPONSE_BYTES = 4_096;

  /** @throws IllegalArgumentException if options contradict each other */
  ClientConfig {
    requireWithin("loops", loops, 1, connections);
    requireWithin("changesInFlightMax", changesInFlightMax, loops, Integer.MAX_VALUE);
    if (changesPerSecMax != 0) {
      requireWithin("changesPerSecMax", changesPerSecMax, loops, Integer.MAX_VALUE);
    }
    if (bulkWindowMs > 0) {
      requireWithin(
          "responseBodyBytesMax", responseBodyBytesMax, FRAME_RESPONSE_BYTES, Integer.MAX_VALUE);
      if (hasConnectionPerInstance) {
        throw new IllegalArgumentException(
            "bulkWindow=" + bulkWindowMs + " ms contradicts connectionPerInstance");
      }
    }
  }

  HealthSettings healthSettings() {
    return new HealthSettings(
        overdueMax,
        refusalsMax,
        reconnectMinMs,
        reconnectMaxMs,
        returnDelayMs,
        isRetryAfterPerInstance ? 0 : retryAfterMsMax);
  }

  /** Returns the longest delay of a single registration accepted from Retry-After; 0 ignores it. */
  int registrationRetryAfterMsMax() {
    return isRetryAfterPerInstance ? retryAfterMsMax : 0;
  }

  ConnectionSettings connectionSettings() {
    return new ConnectionSettings(
        inFlightMax,
        responseTimeoutMs,
        connectTimeoutMs,
        reconnectMinMs,
        reconnectMaxMs,
        connectionAgeMsMax,
        HttpLimits.DEFAULT,
        responseBodyBytesMax,
        bulkWindowMs > 0);
  }

  /** The limits of one event loop. */
  record Share(int connections, int changesInFlightMax, int changesPerSecMax) {}

  /** Returns the limits of a loop. The first loops receive the remainder of an uneven division. */
  Share share(int loop) {
    return new Share(
        share(connections, loop), share(changesInFlightMax, loop), share(changesPerSecMax, loop));
  }

  private int share(int total, int loop) {
    return total / loops + (loop < total % loops ? 1 : 0);
  }

  static void requireWithin(String option, int value, int min, int max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          option + "=" + value + " is not within " + min + ".." + max);
    }
  }
}
