// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.systole.server.net.PreencodedResponses.ConnectionMode;
import io.systole.server.net.PreencodedResponses.ResponseFraming;
import io.systole.server.route.Response;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class PreencodedResponsesTest {
  private static final Pattern RETRY_AFTER = Pattern.compile("\r\nRetry-After: (\\d+)\r\n");

  private final PreencodedResponses responses =
      new PreencodedResponses(new RetryAfterJitter(new SplittableRandom(7)));

  private static String retryAfter(byte[] head) {
    Matcher matcher = RETRY_AFTER.matcher(new String(head, StandardCharsets.US_ASCII));
    return matcher.find() ? matcher.group(1) : "none";
  }

  /** Regression: with a constant value all refused clients retried in the same second. */
  @Test
  void bare_burstOf503_spreadsRetryAfterAndEncodesEachValueOnce() {
    responses.refresh(1_000);
    Map<String, byte[]> byValue = new TreeMap<>();

    for (int i = 0; i < 5_000; i++) {
      byte[] head = responses.bare(503, ConnectionMode.CLOSE);
      byte[] known = byValue.putIfAbsent(retryAfter(head), head);
      assertThat(known == null || known == head).isTrue();
    }

    assertThat(byValue).hasSize(RetryAfterJitter.SECS_MAX).doesNotContainKey("none");
  }

  @Test
  void bare_sameStatusInTheSameSecond_allocatesNothing() {
    responses.refresh(1_000);
    responses.bare(200, ConnectionMode.PERSISTENT);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();

    for (int i = 0; i < 100; i++) {
      responses.bare(200, ConnectionMode.PERSISTENT);
    }

    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(100);
  }

  @Test
  void head_503WithABody_hasRetryAfter() {
    byte[] head = responses.head(Response.text(503, "busy"), ResponseFraming.PLAIN);

    assertThat(retryAfter(head)).matches("[1-4]");
  }

  @Test
  void bare_otherStatus_hasNoRetryAfter() {
    assertThat(retryAfter(responses.bare(404, ConnectionMode.PERSISTENT))).isEqualTo("none");
  }

  @Test
  void bare_nextSecond_movesTheDateOf503() {
    responses.refresh(1_000);
    for (int i = 0; i < 100; i++) {
      responses.bare(503, ConnectionMode.PERSISTENT);
    }

    responses.refresh(2_000);

    assertThat(
            new String(responses.bare(503, ConnectionMode.PERSISTENT), StandardCharsets.US_ASCII))
        .contains("Date: Thu, 01 Jan 1970 00:00:02 GMT");
  }
}
