// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

/**
 * Every option of a mirror, checked. {@link MirrorBuilder} has the defaults.
 *
 * @param isStreamWanted whether to follow a server's stream of changes where it has one
 * @param intervalMs between deltas, 1..86_400_000; each time up to a fifth less, at random
 * @param streamCheckMs between hash checks while a stream is followed, 1..86_400_000
 * @param streamSilenceMs after which a stream is taken for lost, 2..3_600_000
 * @param connectTimeoutMs 1..3_600_000
 * @param answerTimeoutMs from a request to the last byte of its answer, 1..3_600_000
 * @param retryMinMs first wait after all servers have failed, or a stream, 1..{@code retryMaxMs}
 * @param retryMaxMs longest such wait, up to 3_600_000
 * @param bodyBytesMax of an answer, compressed or not, 1_024..1_073_741_824
 * @param lossShareMax of the held instances that a full answer may lack and be believed at once,
 *     0..1
 * @param lossHoldMs how long full answers must lack more before that is believed, 0..86_400_000
 * @param staleMs age from which a copy counts as stale, 1..86_400_000
 */
record MirrorConfig(
    boolean isStreamWanted,
    int intervalMs,
    int streamCheckMs,
    int streamSilenceMs,
    int connectTimeoutMs,
    int answerTimeoutMs,
    int retryMinMs,
    int retryMaxMs,
    int bodyBytesMax,
    double lossShareMax,
    int lossHoldMs,
    int staleMs) {

  static final int DAY_MS = 86_400_000;
  private static final int WAIT_MS_MAX = 3_600_000;
  private static final int BODY_BYTES_LEAST = 1_024;
  private static final int BODY_BYTES_MOST = 1 << 30;

  /** Throws {@link IllegalArgumentException}, naming the option, when one is out of its range. */
  MirrorConfig {
    requireWithin("intervalMs", intervalMs, 1, DAY_MS);
    requireWithin("streamCheckMs", streamCheckMs, 1, DAY_MS);
    requireWithin("streamSilenceMs", streamSilenceMs, 2, WAIT_MS_MAX);
    requireWithin("connectTimeoutMs", connectTimeoutMs, 1, WAIT_MS_MAX);
    requireWithin("answerTimeoutMs", answerTimeoutMs, 1, WAIT_MS_MAX);
    requireWithin("retryMaxMs", retryMaxMs, 1, WAIT_MS_MAX);
    requireWithin("retryMinMs", retryMinMs, 1, retryMaxMs);
    requireWithin("bodyBytesMax", bodyBytesMax, BODY_BYTES_LEAST, BODY_BYTES_MOST);
    if (!(lossShareMax >= 0 && lossShareMax <= 1)) {
      throw new IllegalArgumentException("lossShareMax=" + lossShareMax + " is not within 0..1");
    }
    requireWithin("lossHoldMs", lossHoldMs, 0, DAY_MS);
    requireWithin("staleMs", staleMs, 1, DAY_MS);
  }

  private static void requireWithin(String option, int value, int min, int max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          option + "=" + value + " is not within " + min + ".." + max);
    }
  }
}
