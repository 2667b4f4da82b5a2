// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.net.LiveClient;
import io.systole.server.registry.Instances;
import io.systole.server.registry.Origin;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Batches with false framing or without an end; none may cancel the registered instance. */
class HostilePeerTest {
  private static final String JSON = "Content-Type: application/json\r\n";
  private static final String HEAD =
      "POST /eureka/peerreplication/batch/ HTTP/1.1\r\nHost: h\r\n" + JSON;
  private static final String CANCEL = """
      {"replicationList":[{"appName":"PAY","id":"i","action":"Cancel"}]}""";
  private static final String CANCELS_WITHOUT_END = """
      {"appName":"PAY","id":"i","action":"Cancel"},""".repeat(1_000);

  private LiveNode node;

  @BeforeEach
  void start() throws IOException {
    node = LiveNode.start(Map.of("--max-body-size", "64KiB"));
    node.server.registry().register(Instances.up("PAY", "i", 90), Origin.CLIENT);
  }

  @AfterEach
  void stop() {
    assertThat(node.server.registry().leaseCount()).isEqualTo(1);
    node.close();
  }

  @Test
  void post_lengthShorterThanTheBody_is400AndTheRestIsNoRequest() throws IOException {
    assertThat(node.statuses(
            HEAD + "Content-Length: " + (CANCEL.length() - 1) + "\r\n\r\n" + CANCEL + "\r\n"))
        .containsExactly(400, 400);
  }

  @Test
  void post_bodyEndsBeforeItsLength_isNotApplied() throws IOException {
    try (LiveClient client = node.connect()) {
      client.send(HEAD + "Content-Length: " + (CANCEL.length() + 1) + "\r\n\r\n" + CANCEL);
      client.endOutput();

      assertThat(client.rest()).doesNotContain("responseList");
    }
  }

  @Test
  void post_bodyWithoutEnd_is413() throws IOException {
    String chunk =
        Integer.toHexString(CANCELS_WITHOUT_END.length()) + "\r\n" + CANCELS_WITHOUT_END + "\r\n";

    assertThat(node.statuses(HEAD + "Transfer-Encoding: chunked\r\n\r\n"
            + "14\r\n{\"replicationList\":[\r\n" + chunk.repeat(3)))
        .containsExactly(413);
  }

  @Test
  void post_lengthOverTheMaximum_is413BeforeTheBody() throws IOException {
    assertThat(node.statuses(HEAD + "Content-Length: 9999999999\r\n\r\n")).containsExactly(413);
  }

  @Test
  void post_gzipBomb_is413() throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    packed.writeBytes((HEAD + "Content-Encoding: gzip\r\nConnection: close\r\nContent-Length: ")
        .getBytes(StandardCharsets.US_ASCII));
    byte[] bomb = gzip("{\"replicationList\":[" + CANCELS_WITHOUT_END.repeat(100));
    packed.writeBytes((bomb.length + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
    packed.writeBytes(bomb);

    assertThat(bomb.length).isLessThan(65_536);
    assertThat(node.exchange(packed.toByteArray()).status()).isEqualTo(413);
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(text.getBytes(StandardCharsets.US_ASCII));
    }
    return out.toByteArray();
  }
}
