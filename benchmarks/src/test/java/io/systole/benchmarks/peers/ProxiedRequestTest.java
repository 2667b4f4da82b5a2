// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.peers;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.junit.jupiter.api.Test;

final class ProxiedRequestTest {
  private static final String GET = "GET /eureka/apps HTTP/1.1\r\nHost: a\r\n\r\n";
  private static final String BATCH = "{\"replicationList\":[{\"action\":\"Register\"},"
      + "{\"action\":\"Heartbeat\"},{\"action\":\"Heartbeat\"}]}";
  private static final String POST = "POST /eureka/peerreplication/batch/ HTTP/1.1\r\n"
      + "Content-Length: " + BATCH.length() + "\r\n\r\n" + BATCH;
  private static final String CHUNKED = """
      POST /b HTTP/1.1\r
      Transfer-Encoding: chunked\r
      \r
      4\r
      abcd\r
      1;x=y\r
      e\r
      0\r
      \r
      """;

  @Test
  void read_requestsOfEachFraming_returnsTheirBytesOneByOne() throws IOException {
    InputStream in = stream(POST + GET + CHUNKED + GET);

    assertThat(ProxiedRequest.read(in)).isEqualTo(new ProxiedRequest(POST));
    assertThat(ProxiedRequest.read(in)).isEqualTo(new ProxiedRequest(GET));
    assertThat(ProxiedRequest.read(in)).isEqualTo(new ProxiedRequest(CHUNKED));
    assertThat(ProxiedRequest.read(in)).isEqualTo(new ProxiedRequest(GET));
    assertThat(ProxiedRequest.read(in)).isNull();
  }

  @Test
  void read_streamEndsWithinBody_throwsEofException() {
    InputStream in = stream(POST.substring(0, POST.length() - 1));

    assertThatThrownBy(() -> ProxiedRequest.read(in)).isInstanceOf(EOFException.class);
  }

  @Test
  void read_streamEndsWithinHead_throwsEofException() {
    InputStream in = stream("POST / HTTP/1.1\r\nHos");

    assertThatThrownBy(() -> ProxiedRequest.read(in)).isInstanceOf(EOFException.class);
  }

  @Test
  void read_bodyTooLong_throwsIOException() {
    InputStream in = stream("POST / HTTP/1.1\r\nContent-Length: 2000000000\r\n\r\n");

    assertThatThrownBy(() -> ProxiedRequest.read(in)).hasMessageContaining("request of more than");
  }

  @Test
  void renewals_batch_countsHeartbeatsOnly() throws IOException {
    ProxiedRequest request = Objects.requireNonNull(ProxiedRequest.read(stream(POST)));

    assertThat(request.renewals()).isEqualTo(2);
  }

  private static InputStream stream(String text) {
    return new ByteArrayInputStream(text.getBytes(ISO_8859_1));
  }
}
