// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.baseline;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(CodecBaselineServer.FlushPolicy.class)
final class CodecBaselineServerTest {
  private static final String DOCUMENT =
      "{\"instance\":{\"instanceId\":\"h1:demo:8080\",\"app\":\"DEMO\",\"lastDirtyTimestamp\":\"1700000000000\"}}";

  private final BaselineListener listener;

  CodecBaselineServerTest(CodecBaselineServer.FlushPolicy flush) {
    listener = BaselineListener.bind(0, new CodecBaselineServer(new NestedMapRegistry(), flush));
  }

  @AfterEach
  void stop() {
    listener.close();
  }

  @Test
  void register_wellFormed_returns204WithoutBody() throws IOException {
    String request = register("demo", DOCUMENT);

    String responses = RawHttp.exchange(listener.port(), request);

    assertThat(responses).startsWith("HTTP/1.1 204 No Content\r\n").endsWith("\r\n\r\n");
  }

  @Test
  void register_appOfPathDiffers_returns400() throws IOException {
    String request = register("other", DOCUMENT);

    List<String> statuses = RawHttp.statuses(listener.port(), request);

    assertThat(statuses).containsExactly("400");
  }

  @Test
  void register_bodyNotJson_returns400() throws IOException {
    String request = register("demo", "{\"instance\":");

    List<String> statuses = RawHttp.statuses(listener.port(), request);

    assertThat(statuses).containsExactly("400");
  }

  @Test
  void renew_pipelined_returnsResponsesInOrder() throws IOException {
    String requests = register("demo", DOCUMENT)
        + renew("/v2/apps/DEMO/h1:demo:8080?status=UP&lastDirtyTimestamp=1700000000000")
        + renew("/v2/apps/DEMO/h2:demo:8080?status=UP&lastDirtyTimestamp=1700000000000")
        + renew("/v2/apps/demo/h1%3Ademo%3A8080")
        + renew("/v2/apps/DEMO/h1:demo:8080?lastDirtyTimestamp=1700000000001")
        + renew("/v2/apps/DEMO/h1:demo:8080?lastDirtyTimestamp=x")
        + renew("/v2/instances/h1:demo:8080");

    List<String> statuses = RawHttp.statuses(listener.port(), requests);

    assertThat(statuses).containsExactly("204", "200", "404", "200", "404", "400", "404");
  }

  @Test
  void renew_registered_returnsEmpty200() throws IOException {
    String requests = register("demo", DOCUMENT) + renew("/v2/apps/DEMO/h1:demo:8080");

    String responses = RawHttp.exchange(listener.port(), requests);

    assertThat(responses).contains("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n").endsWith("\r\n\r\n");
  }

  @Test
  void cancel_twice_returns200Then404() throws IOException {
    String cancel = "DELETE /v2/apps/DEMO/h1:demo:8080 HTTP/1.1\r\nHost: x\r\n\r\n";

    List<String> statuses =
        RawHttp.statuses(listener.port(), register("demo", DOCUMENT) + cancel + cancel);

    assertThat(statuses).containsExactly("204", "200", "404");
  }

  @Test
  void cancel_withoutKeepAlive_closesAfterResponse() throws IOException {
    String cancel =
        "DELETE /v2/apps/DEMO/h1:demo:8080 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

    String responses = RawHttp.exchangeUntilClosed(listener.port(), cancel);

    assertThat(responses).startsWith("HTTP/1.1 404 ").contains("connection: close\r\n");
  }

  private static String register(String app, String document) {
    return "POST /v2/apps/%s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
        .formatted(app, document.length(), document);
  }

  private static String renew(String target) {
    return "PUT %s HTTP/1.1\r\nHost: x\r\n\r\n".formatted(target);
  }
}
