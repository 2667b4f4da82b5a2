// SPDX-License-Identifier: Apache-2.0
package io.systole.server.auth;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.systole.protocol.http.HttpLimits;
import io.systole.protocol.http.HttpParseException;
import io.systole.protocol.http.RequestHead;
import io.systole.protocol.http.RequestHeadParser;
import io.systole.server.metrics.Counters.AuthFailure;
import io.systole.server.time.ManualClock;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class RefusalLogTest {
  private static final int MINUTE_MS = 60_000;

  private final ManualClock clock = new ManualClock();
  private final RefusalLog refusals = new RefusalLog(clock);
  private final Logger logger = (Logger) LoggerFactory.getLogger(RefusalLog.class);
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();

  @BeforeEach
  void captureLog() {
    log.start();
    logger.addAppender(log);
  }

  @AfterEach
  void releaseLog() {
    logger.detachAppender(log);
  }

  private List<String> logged() {
    return log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  private static RequestHead head(String method, String target) throws HttpParseException {
    byte[] bytes = (method + " " + target + " HTTP/1.1\r\nHost: a\r\n\r\n").getBytes(US_ASCII);
    RequestHeadParser parser = new RequestHeadParser(HttpLimits.DEFAULT);
    parser.parse(bytes, 0, bytes.length);
    return parser.head();
  }

  private void add(AuthFailure reason, String source, @Nullable String principal)
      throws HttpParseException {
    refusals.add(reason, source, principal, head("GET", "/v2/apps"));
  }

  @Test
  void add_reasonsAndPrincipalsOfOneSource_areLoggedEachOnceAMinute() throws HttpParseException {
    for (int i = 0; i < 3; i++) {
      add(AuthFailure.ROLE, "10.0.0.1", "prometheus");
      add(AuthFailure.APPLICATION, "10.0.0.1", "orders");
      add(AuthFailure.WRONG_PASSWORD, "10.0.0.1", "orders");
      add(AuthFailure.WRONG_PASSWORD, "10.0.0.1", "billing");
      add(AuthFailure.MISSING, "10.0.0.1", null);
    }

    assertThat(logged())
        .hasSize(5)
        .anySatisfy(line -> assertThat(line)
            .startsWith("request refused reason=wrong_password principal=billing source=10.0.0.1"
                + " request=\"GET /v2/apps\";"))
        .anySatisfy(
            line -> assertThat(line).contains("reason=missing principal=- source=10.0.0.1"));

    clock.advanceMs(MINUTE_MS);
    add(AuthFailure.ROLE, "10.0.0.1", "prometheus");
    assertThat(logged()).hasSize(6);
  }

  @Test
  void add_nameAndPathOfAClient_areEscapedAndLimitedWithoutTheQuery() throws HttpParseException {
    refusals.add(
        AuthFailure.WRONG_PASSWORD,
        "s",
        "a\n\u001b[31m" + "b".repeat(5_000),
        head("PUT", "/v2/apps/" + "A".repeat(2_000) + "?secret=1"));

    assertThat(logged()).singleElement().satisfies(line -> {
      assertThat(line).hasSizeLessThan(700).contains("a\\u000a\\u001b[31mbbb");
      assertThat(line).contains("\"PUT /v2/apps/AAA").doesNotContain("secret");
    });
  }

  @Test
  void add_manyNames_boundsLinesAndEntries() throws HttpParseException {
    for (int source = 0; source < 2 * RefusalLog.SOURCES_MAX; source++) {
      for (int i = 0; i < 2 * RefusalLog.ENTRIES_PER_SOURCE_MAX; i++) {
        add(AuthFailure.WRONG_PASSWORD, "s" + source, "n" + i);
      }
    }

    assertThat(logged())
        .hasSize(RefusalLog.LINES_MAX)
        .filteredOn(line -> line.contains("source=s0 "))
        .hasSize(RefusalLog.LINES_PER_SOURCE_MAX);
    assertThat(refusals.refusals())
        .hasSize(RefusalLog.SOURCES_MAX * RefusalLog.ENTRIES_PER_SOURCE_MAX);

    clock.advanceMs(MINUTE_MS);
    add(AuthFailure.MISSING, "s0", null);
    assertThat(logged()).hasSize(RefusalLog.LINES_MAX + 1);
  }

  @Test
  void refusals_countedAndNewestFirst() throws HttpParseException {
    clock.advanceMs(1_000);
    add(AuthFailure.ROLE, "a", "ops");
    long firstMs = clock.wallMs();
    clock.advanceMs(1_000);
    add(AuthFailure.MISSING, "b", null);
    add(AuthFailure.MISSING, "b", null);

    assertThat(refusals.refusals())
        .containsExactly(
            new Refusal("b", null, "missing", 2, firstMs + 1_000, "GET /v2/apps"),
            new Refusal("a", "ops", "role", 1, firstMs, "GET /v2/apps"));
  }
}
