// SPDX-License-Identifier: Apache-2.0
package io.systole.server.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.ConsoleAppender;
import io.systole.protocol.model.EscapedText;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class JsonLogEncoderTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Instant AT = Instant.parse("2026-01-01T00:00:00.123Z");

  private final LoggerContext context = new LoggerContext();
  private final Logger logger = context.getLogger("io.systole.server.Evictor");

  private LoggingEvent event(
      @Nullable Throwable failure, String template, @Nullable Object... arguments) {
    LoggingEvent event = new LoggingEvent("", logger, Level.WARN, template, failure, arguments);
    event.setTimeStamp(AT.toEpochMilli());
    event.setThreadName("systole-timer");
    return event;
  }

  private static String encoded(LoggingEvent event) {
    return new String(new JsonLogEncoder().encode(event), UTF_8);
  }

  @Test
  void encode_valuesOfTheMessage_areMembersBesideIt() {
    String line = encoded(event(
        null, "evicted leases count={} app={} isLast={} of={}: {}", 3, "PAY", true, null, "x"));

    assertThat(line)
        .isEqualTo("{\"timestamp\":\"2026-01-01T00:00:00.123Z\",\"level\":\"WARN\","
            + "\"logger\":\"io.systole.server.Evictor\",\"thread\":\"systole-timer\","
            + "\"message\":\"evicted leases count=3 app=PAY isLast=true of=null: x\","
            + "\"count\":3,\"app\":\"PAY\",\"isLast\":true,\"of\":null}\n");
  }

  @Test
  void encode_hostileText_staysInItsMember() {
    String hostile = "a\"},\n{\"level\":\"ERROR\u202e \u2028\u0000\ud800";

    String line = encoded(event(null, "registration refused app={}: {}", hostile, hostile));

    assertThat(line.strip()).matches("[ -~]+");
    JsonNode read = JSON.readTree(line);
    assertThat(read.propertyNames())
        .containsExactly("timestamp", "level", "logger", "thread", "message", "app");
    assertThat(read.path("app").asString()).isEqualTo(hostile);
    assertThat(read.path("level").asString()).isEqualTo("WARN");
  }

  @Test
  void encode_quotedToken_isTheTextWithoutQuotes() {
    JsonNode line = JSON.readTree(
        encoded(event(null, "operator app={}", EscapedText.token("my \"app\" \\ \n"))));

    assertThat(line.path("app").asString()).isEqualTo("my \"app\" \\ \\u000a");
    assertThat(line.path("message").asString())
        .isEqualTo("operator app=\"my \\\"app\\\" \\\\ \\u000a\"");
  }

  @Test
  void encode_exception_isAString() {
    JsonNode line = JSON.readTree(encoded(
        event(new IllegalStateException("wrong\nINFO fake", new IOException("disk")), "failed")));

    assertThat(line.path("exception").asString())
        .startsWith("java.lang.IllegalStateException: wrong\nINFO fake")
        .contains("\tat io.systole.server.log.JsonLogEncoderTest")
        .contains("Caused by: java.io.IOException: disk");
  }

  @Test
  void encode_nameOfAnOwnMemberOrPartOfAWord_isNoMember() {
    JsonNode line = JSON.readTree(encoded(event(
        null, "level={} --max-age={}ms ={} {} more {}", "fake", 5, "nameless", "first", "args")));

    assertThat(line.propertyNames())
        .containsExactly("timestamp", "level", "logger", "thread", "message");
    assertThat(line.path("level").asString()).isEqualTo("WARN");
  }

  @Test
  void encode_moreOrFewerArgumentsThanPlaceholders_isComplete() {
    assertThat(JSON.readTree(encoded(event(null, "a={} b={}", 1))).path("a").asInt())
        .isEqualTo(1);
    assertThat(JSON.readTree(encoded(event(null, "a={}", 1, 2))).path("a").asInt())
        .isEqualTo(1);
    assertThat(JSON.readTree(encoded(event(null, "{}", 1))).size()).isEqualTo(5);
  }

  @Test
  void useFor_consoleOfTheRootLogger_writesJson() {
    context.setMDCAdapter(new LogbackMDCAdapter());
    ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
    PatternLayoutEncoder text = new PatternLayoutEncoder();
    text.setContext(context);
    text.setPattern("%msg%n");
    text.start();
    console.setContext(context);
    console.setEncoder(text);
    console.start();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    console.setOutputStream(out);
    context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).addAppender(console);

    logger.info("first");
    JsonLogEncoder.useFor(context);
    logger.info("second value={}", 2);

    String[] lines = out.toString(UTF_8).split(System.lineSeparator(), -1);
    assertThat(lines[0]).isEqualTo("first");
    assertThat(JSON.readTree(lines[1]).path("value").asInt()).isEqualTo(2);
  }
}
