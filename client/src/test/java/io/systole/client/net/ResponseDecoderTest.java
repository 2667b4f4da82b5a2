// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.protocol.http.HttpLimits;
import io.systole.protocol.http.HttpParseException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResponseDecoderTest {
  private static final String DATE_1 = "Date: Fri, 20 Nov 2026 22:15:33 GMT\r\n";
  private static final String DATE_2 = "Date: Fri, 20 Nov 2026 22:15:34 GMT\r\n";
  private static final String RENEWED_1 =
      "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" + DATE_1 + "\r\n";
  private static final String RENEWED_2 =
      "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" + DATE_2 + "\r\n";
  private static final String UNKNOWN =
      "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n" + DATE_1 + "\r\n";
  private static final String REGISTERED = "HTTP/1.1 204 No Content\r\n" + DATE_1 + "\r\n";
  private static final String REFUSED =
      "HTTP/1.1 400 Bad Request\r\nContent-Length: 17\r\n\r\nMissing\r\nhostname";
  private static final String CHUNKED =
      "HTTP/1.1 409 Conflict\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{a:\r\n2\r\n1}\r\n0\r\n\r\n";
  private static final String INTERIM = "HTTP/1.1 100 Continue\r\n\r\n";

  private final ResponseDecoder reader = new ResponseDecoder(HttpLimits.DEFAULT, 1024, true);
  private final List<String> reported = new ArrayList<>();

  private boolean report(int status) {
    reported.add(status + reader.text());
    return true;
  }

  /** Passes the bytes in segments of one size, as a connection does. */
  private int offer(String responses, int segmentBytes) throws HttpParseException {
    byte[] bytes = responses.getBytes(StandardCharsets.US_ASCII);
    int unread = 0;
    for (int to = Math.min(segmentBytes, bytes.length);
        ;
        to = Math.min(to + segmentBytes, bytes.length)) {
      byte[] offered = Arrays.copyOfRange(bytes, unread, to);
      unread += reader.read(offered, 0, offered.length, this::report);
      if (to == bytes.length) {
        return bytes.length - unread;
      }
    }
  }

  /** Escape sequences of a server reached the terminal and the logs. */
  @Test
  void text_controlCharacters_areLeftOut() throws HttpParseException {
    offer("HTTP/1.1 400 X\r\nContent-Length: 11\r\n\r\na\u001b[31mb\u0007\0c\u007f", 4096);

    assertThat(reported).containsExactly("400a [31mb c");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 16, 61, 100, 4096})
  void read_segmentsOfAnySize_returnsSameResponses(int segmentBytes) throws HttpParseException {
    String responses = RENEWED_1
        + RENEWED_1
        + UNKNOWN
        + RENEWED_2
        + RENEWED_2
        + REGISTERED
        + REFUSED
        + INTERIM
        + CHUNKED
        + RENEWED_2;

    int unread = offer(responses, segmentBytes);

    assertThat(reported)
        .containsExactly(
            "200", "200", "404", "200", "200", "204", "400Missing hostname", "409{a:1}", "200");
    assertThat(unread).isZero();
    assertThat(reader.isOver()).isFalse();
  }

  /** The content of a response must not be taken for that of the next. */
  @ParameterizedTest
  @ValueSource(ints = {1, 7, 4096})
  void read_handlesAndBodies_areThoseOfTheirResponse(int segmentBytes) throws HttpParseException {
    String withHandle = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nSystole-Lease: x/1/0\r\n\r\n";
    String withBody = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc";
    List<String> content = new ArrayList<>();
    ResponseDecoder.Sink sink = status ->
        content.add(reader.lease() + " " + new String(reader.body(), StandardCharsets.US_ASCII));
    byte[] bytes = (RENEWED_1
            + withHandle
            + withHandle
            + RENEWED_1
            + withBody
            + UNKNOWN
            + RENEWED_1)
        .getBytes(StandardCharsets.US_ASCII);
    int unread = 0;
    for (int to = 0; to < bytes.length; ) {
      to = Math.min(to + segmentBytes, bytes.length);
      byte[] offered = Arrays.copyOfRange(bytes, unread, to);
      unread += reader.read(offered, 0, offered.length, sink);
    }

    assertThat(content)
        .containsExactly("null ", "x/1/0 ", "x/1/0 ", "null ", "null abc", "null ", "null ");
  }

  @Test
  void read_truncatedCachedHead_waits() throws HttpParseException {
    offer(RENEWED_1, 4096);

    int unread = offer(RENEWED_1.substring(0, RENEWED_1.length() - 1), 4096);

    assertThat(reported).containsExactly("200");
    assertThat(unread).isEqualTo(RENEWED_1.length() - 1);
  }

  @Test
  void read_headWithOtherLength_isNotTheCachedOne() throws HttpParseException {
    offer(RENEWED_1, 4096);

    offer(RENEWED_1.replace("Content-Length: 0", "Content-Length: 5") + "hello" + UNKNOWN, 4096);

    assertThat(reported).containsExactly("200", "200", "404");
  }

  @Test
  void read_bodyWithoutLength_isTheLastResponse() throws HttpParseException {
    int unread = offer("HTTP/1.1 200 OK\r\n\r\nanything" + RENEWED_1, 4096);

    assertThat(reported).containsExactly("200");
    assertThat(reader.isOver()).isTrue();
    assertThat(unread).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Content-Length: 0\r\n\r\n", "Content-Length: 2\r\n\r\nno"})
  void read_connectionClose_isLast(String rest) throws HttpParseException {
    offer("HTTP/1.1 503 Busy\r\nConnection: close\r\n" + rest + RENEWED_1, 4096);

    assertThat(reported).hasSize(1).first().asString().startsWith("503");
    assertThat(reader.isOver()).isTrue();
  }

  @Test
  void read_longErrorText_keepsItsBeginning() throws HttpParseException {
    offer("HTTP/1.1 400 Bad\r\nContent-Length: 300\r\n\r\n" + "x".repeat(300) + RENEWED_1, 4096);

    assertThat(reported).containsExactly("400" + "x".repeat(256), "200");
  }

  @Test
  void read_bodyTooLarge_isMalformed() {
    String response = "HTTP/1.1 200 OK\r\nContent-Length: 1025\r\n\r\n";

    assertThatThrownBy(() -> offer(response, 4096))
        .isInstanceOf(HttpParseException.class)
        .hasMessageContaining("bodyBytesMax=1024");
  }

  @Test
  void read_notHttp_isMalformed() {
    assertThatThrownBy(() -> offer("SSH-2.0-OpenSSH_9.6\r\n", 4096))
        .isInstanceOf(HttpParseException.class);
  }

  @Test
  void read_sinkReturnsFalse_stops() throws HttpParseException {
    byte[] bytes = (RENEWED_1 + UNKNOWN).getBytes(StandardCharsets.US_ASCII);

    int end = reader.read(bytes, 0, bytes.length, status -> false);

    assertThat(end).isEqualTo(RENEWED_1.length());
  }

  @Test
  void read_retryAfterOfErrors_isKeptUntilTaken() throws HttpParseException {
    String busy = "HTTP/1.1 503 Busy\r\nretry-after: 7\r\nContent-Length: 0\r\n\r\n";

    offer(RENEWED_1 + busy + RENEWED_1, 4096);

    assertThat(reader.takeRetryAfter()).isEqualTo("7");
    assertThat(reader.takeRetryAfter()).isNull();
    offer(busy, 4096);
    assertThat(reader.retryAfter()).isEqualTo("7");
    assertThat(reader.status()).isEqualTo(503);
  }

  @Test
  void read_retryAfterOfSuccess_isIgnored() throws HttpParseException {
    offer("HTTP/1.1 200 OK\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n", 4096);

    assertThat(reader.retryAfter()).isNull();
  }

  @Test
  void read_redirectTwice_returnsEachLocation() throws HttpParseException {
    String moved = "HTTP/1.1 302 Found\r\nLocation: http://x/\r\nContent-Length: 0\r\n\r\n";

    offer(moved + moved + RENEWED_1, 4096);

    assertThat(reported).containsExactly("302http://x/", "302http://x/", "200");
  }
}
