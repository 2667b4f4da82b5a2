// SPDX-License-Identifier: Apache-2.0
package io.systole.server.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.EncoderBase;
import io.systole.protocol.model.EscapedText;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.ILoggerFactory;
import org.slf4j.Logger;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * An encoder of events as JSON, one object a line: {@code timestamp} (ISO 8601), {@code level},
 * {@code logger}, {@code thread}, {@code message}, the values that the message has as
 * {@code name=value}, and {@code exception} with its stack trace as one string.
 */
public final class JsonLogEncoder extends EncoderBase<ILoggingEvent> {
  /*
   * Logback's own encoder has the time in epoch ms, the arguments without their names, and exceptions
   * as trees. The names of the values are in the template of the message, before its placeholders.
   */

  private static final JsonMapper JSON = new JsonMapper();
  private static final String PLACEHOLDER = "{}";
  private static final byte[] NOTHING = {};

  /**
   * Replaces the format of what the root logger writes to the console, if the log's implementation
   * is the one that comes with the node.
   */
  public static void useFor(ILoggerFactory factory) {
    if (!(factory instanceof LoggerContext context)) {
      return;
    }
    context.getLogger(Logger.ROOT_LOGGER_NAME).iteratorForAppenders().forEachRemaining(appender -> {
      if (appender instanceof ConsoleAppender<ILoggingEvent> console) {
        JsonLogEncoder encoder = new JsonLogEncoder();
        encoder.setContext(context);
        encoder.start();
        console.setEncoder(encoder);
      }
    });
  }

  @Override
  public byte[] headerBytes() {
    return NOTHING;
  }

  @Override
  public byte[] footerBytes() {
    return NOTHING;
  }

  @Override
  public byte[] encode(ILoggingEvent event) {
    ObjectNode line = JSON.createObjectNode()
        .put("timestamp", Instant.ofEpochMilli(event.getTimeStamp()).toString())
        .put("level", event.getLevel().toString())
        .put("logger", event.getLoggerName())
        .put("thread", event.getThreadName())
        .put("message", event.getFormattedMessage());
    putValues(event.getMessage(), event.getArgumentArray(), line);
    IThrowableProxy exception = event.getThrowableProxy();
    if (exception != null) {
      line.put("exception", ThrowableProxyUtil.asString(exception));
    }
    return (EscapedText.json(line.toString()) + "\n").getBytes(UTF_8);
  }

  /** Adds the arguments whose placeholder follows a name and an equals sign. */
  private static void putValues(
      @Nullable String template, Object @Nullable [] arguments, ObjectNode line) {
    if (template == null || arguments == null) {
      return;
    }
    int at = template.indexOf(PLACEHOLDER);
    for (int i = 0; i < arguments.length && at >= 0; i++) {
      String name = nameBefore(template, at);
      if (!name.isEmpty() && !line.has(name)) {
        put(name, arguments[i], line);
      }
      at = template.indexOf(PLACEHOLDER, at + PLACEHOLDER.length());
    }
  }

  /** Returns the name that is a word of its own before an equals sign, or the empty string. */
  private static String nameBefore(String template, int placeholder) {
    int end = placeholder - 1;
    if (end < 0 || template.charAt(end) != '=') {
      return "";
    }
    int start = end;
    while (start > 0 && isAsciiLetter(template.charAt(start - 1))) {
      start--;
    }
    boolean isWord = start == 0 || template.charAt(start - 1) == ' ';
    return isWord ? template.substring(start, end) : "";
  }

  private static boolean isAsciiLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  private static void put(String name, @Nullable Object value, ObjectNode line) {
    if (value instanceof Integer || value instanceof Long) {
      line.put(name, ((Number) value).longValue());
    } else if (value instanceof Boolean isTrue) {
      line.put(name, isTrue);
    } else if (value == null) {
      line.putNull(name);
    } else {
      line.put(name, withoutQuotes(String.valueOf(value)));
    }
  }

  /** Reverses the quotes of {@link EscapedText#token}; other escapes stay. */
  private static String withoutQuotes(String token) {
    int last = token.length() - 1;
    if (last < 1 || token.charAt(0) != '"' || token.charAt(last) != '"') {
      return token;
    }
    return token.substring(1, last).replaceAll("\\\\([\"\\\\])", "$1");
  }
}
