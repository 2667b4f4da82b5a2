// SPDX-License-Identifier: Apache-2.0
package io.systole.server.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.http.HttpLimits;
import io.systole.protocol.http.HttpParseException;
import io.systole.protocol.http.RequestHeadParser;
import io.systole.server.route.HeartbeatMatcher.HeartbeatRequest;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RepeatedHeartbeatMatcherTest {
  private static final String HEADERS = " HTTP/1.1\r\nHost: h\r\nUser-Agent: Java\r\n\r\n";
  private static final String QUERY = "?status=UP&lastDirtyTimestamp=1700000000000";
  private static final byte[] PREVIOUS = ascii("PUT /eureka/apps/A/a" + QUERY + HEADERS);
  private static final byte[] NEXT =
      ascii("PUT /eureka/apps/DEMO-APP/host-1:demo:8080?status=UP&lastDirtyTimestamp=1712345678901"
          + HEADERS);

  /** What is found in a request; null if it is no plain heartbeat. */
  private record Heartbeat(int end, int appFrom, int slash, int idTo, long timestampMs) {}

  /** One connection, whose previous request was a heartbeat. */
  private static final class Connection {
    private final HeartbeatMatcher matcher = new HeartbeatMatcher(List.of("/v2", "/eureka"));
    private final RequestHeadParser parser;
    private final HeartbeatRequest target = new HeartbeatRequest();
    private final RepeatedHeartbeatMatcher repeated;

    Connection(HttpLimits limits) throws HttpParseException {
      parser = new RequestHeadParser(limits);
      repeated = new RepeatedHeartbeatMatcher(matcher, parser, target);
      assertThat(parsed(PREVIOUS)).isNotNull();
      repeated.expect(true);
    }

    Connection() throws HttpParseException {
      this(HttpLimits.DEFAULT);
    }

    @Nullable
    Heartbeat matched(byte[] bytes) {
      int end = repeated.match(bytes, 0, bytes.length);
      return end == RepeatedHeartbeatMatcher.NONE ? null : found(end);
    }

    @Nullable
    Heartbeat parsed(byte[] bytes) throws HttpParseException {
      int end = parser.parse(bytes, 0, bytes.length);
      boolean isHeartbeat = end != RequestHeadParser.INCOMPLETE
          && matcher.matches(parser.head(), target)
          && target.hasTimestamp();
      return isHeartbeat ? found(end) : null;
    }

    private Heartbeat found(int end) {
      assertThat(target.hasTimestamp()).isTrue();
      return new Heartbeat(
          end, target.appFrom(), target.slash(), target.idTo(), target.timestampMs());
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  void match_repeatedHeartbeat_isFound() throws HttpParseException {
    Heartbeat heartbeat = new Connection().matched(NEXT);

    assertThat(heartbeat).isEqualTo(new Heartbeat(NEXT.length, 17, 25, 42, 1_712_345_678_901L));
    assertThat(heartbeat).isEqualTo(new Connection().parsed(NEXT));
  }

  /** Whatever is matched has the same result as parsing it. */
  @Test
  void match_anyOtherByteAnywhere_isNothingOrAsParsed() throws HttpParseException {
    int matches = 0;
    for (int at = 0; at < NEXT.length; at++) {
      for (int b = 0; b < 256; b++) {
        byte[] bytes = NEXT.clone();
        bytes[at] = (byte) b;
        Heartbeat heartbeat = new Connection().matched(bytes);
        if (heartbeat != null) {
          matches++;
          assertThat(heartbeat)
              .as("byte %d at %d", b, at)
              .isEqualTo(new Connection().parsed(bytes));
        }
      }
    }
    // 25 bytes of text with at least the letters and digits, 13 digits, and each byte itself.
    assertThat(matches).isGreaterThan(25 * 62 + 13 * 10);
  }

  /** As in a read buffer, where other bytes follow. */
  @Test
  void match_everyLengthOfTheParts_isAsParsed() throws HttpParseException {
    for (int app = 0; app < 20; app++) {
      for (int id = 0; id < 20; id++) {
        String path = "a".repeat(app) + "/" + "b".repeat(id);
        byte[] bytes = ascii("PUT /eureka/apps/" + path + QUERY + HEADERS + "PUT /eureka");
        int end = bytes.length - "PUT /eureka".length();

        Heartbeat heartbeat = new Connection().matched(bytes);

        assertThat(heartbeat)
            .as(path)
            .isEqualTo(new Connection().parsed(bytes))
            .isEqualTo(
                app == 0 || id == 0
                    ? null
                    : new Heartbeat(end, 17, 17 + app, 18 + app + id, 1_700_000_000_000L));
      }
    }
  }

  @Test
  void match_incompleteHead_isNothing() throws HttpParseException {
    for (int size = 0; size < NEXT.length; size++) {
      assertThat(new Connection().matched(Arrays.copyOf(NEXT, size)))
          .as("%d", size)
          .isNull();
      byte[] read = Arrays.copyOf(NEXT, NEXT.length);
      assertThat(new Connection().repeated.match(read, 0, size))
          .as("%d", size)
          .isEqualTo(RepeatedHeartbeatMatcher.NONE);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PUT /v2/apps/A/a" + QUERY + HEADERS,
        "GET /eureka/apps/A/a" + QUERY + HEADERS,
        "PUT /eureka/apps/A/a/" + QUERY + HEADERS,
        "PUT /eureka/apps/A/a/b" + QUERY + HEADERS,
        "PUT /eureka/apps/A/a%20b" + QUERY + HEADERS,
        "PUT /eureka/apps/A/a;b" + QUERY + HEADERS,
        "PUT /eureka/apps/A/a" + QUERY + "0" + HEADERS,
        "PUT /eureka/apps/A/a" + QUERY + "&status=UP" + HEADERS,
        "PUT /eureka/apps/A/a?status=DOWN&lastDirtyTimestamp=1700000000000" + HEADERS,
        "PUT /eureka/apps/A/a" + HEADERS,
        "\r\nPUT /eureka/apps/A/a" + QUERY + HEADERS,
        "PUT /eureka/apps/A/a" + QUERY + " HTTP/1.1\r\nHost: h\r\n\r\n",
        "PUT http://h/eureka/apps/A/a" + QUERY + HEADERS
      })
  void match_otherForms_isNothing(String request) throws HttpParseException {
    assertThat(new Connection().matched(ascii(request))).isNull();
  }

  @Test
  void match_previousRequestWasNoHeartbeat_isNothing() throws HttpParseException {
    Connection connection = new Connection();
    connection.repeated.expect(false);

    assertThat(connection.matched(NEXT)).isNull();
  }

  /** The parser keeps the state of a head that it has begun. */
  @Test
  void match_headThatTheParserHasBegun_isNothing() throws HttpParseException {
    Connection connection = new Connection();
    assertThat(connection.parsed(Arrays.copyOf(NEXT, 60))).isNull();

    assertThat(connection.matched(NEXT)).isNull();
    assertThat(connection.parsed(NEXT)).isEqualTo(new Connection().parsed(NEXT));
  }

  @Test
  void match_headOverALimit_isNothing() throws HttpParseException {
    int target = 82;
    HttpLimits all = new HttpLimits(256, NEXT.length, 100, 256, 8192);
    HttpLimits shortHead = new HttpLimits(256, NEXT.length - 1, 100, 256, 8192);
    HttpLimits shortTarget = new HttpLimits(target - 2, 1024, 100, 256, 8192);

    assertThat(new Connection(all).matched(NEXT)).isNotNull();
    assertThat(new Connection(shortHead).matched(NEXT)).isNull();
    assertThat(new Connection(shortTarget).matched(NEXT)).isNull();
  }
}
