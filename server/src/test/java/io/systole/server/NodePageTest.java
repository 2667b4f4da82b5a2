// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceKey;
import io.systole.server.LiveNode.NodeResponse;
import io.systole.server.net.LiveClient;
import io.systole.server.registry.Instances;
import io.systole.server.registry.Origin;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The page of a real node over HTTP. */
class NodePageTest {
  private static final Pattern REFERENCE = Pattern.compile("(?:href|src)=\"(/[^\"]*)\"");

  private LiveNode node;

  @BeforeEach
  void start() throws IOException {
    node = LiveNode.start(Map.of());
  }

  @AfterEach
  void stop() {
    node.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/eureka", "/eureka/"})
  void page_isHtmlUnderAStrictPolicy(String path) throws IOException {
    NodeResponse page = get(path, "");

    assertThat(page.status()).isEqualTo(200);
    assertThat(page.type()).isEqualTo("text/html; charset=utf-8");
    assertThat(page.text()).startsWith("<!doctype html>").doesNotContain("<style", "style=");
    assertThat(page.headers())
        .containsEntry(
            "content-security-policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
                + " connect-src 'self'; base-uri 'none'; form-action 'none';"
                + " frame-ancestors 'none'")
        .containsEntry("x-content-type-options", "nosniff")
        .containsEntry("referrer-policy", "no-referrer")
        .containsEntry("cache-control", "no-cache")
        .containsEntry("vary", "Accept-Encoding");
  }

  @Test
  void page_eurekaBelow_isStillTheProtocol() throws IOException {
    assertThat(get("/eureka/apps", "").type()).isEqualTo("application/xml");
  }

  @Test
  void files_ofThePage_areServed() throws IOException {
    var references = REFERENCE.matcher(get("/", "").text()).results().toList();

    assertThat(references).hasSizeGreaterThan(1);
    for (var reference : references) {
      assertThat(get(reference.group(1), "").status()).as(reference.group(1)).isEqualTo(200);
    }
    assertThat(get("/systole/ui/page.css", "").type()).isEqualTo("text/css; charset=utf-8");
    assertThat(get("/systole/ui/uPlot.iife.min.js", "").type())
        .isEqualTo("text/javascript; charset=utf-8");
    assertThat(get("/systole/ui/uPlot.min.css", "").status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"nope.js", "PageFiles.class", "LICENSE", "..%2fpage.css", "%2e%2e", ".."})
  void file_unknown_is404(String name) throws IOException {
    assertThat(get("/systole/ui/" + name, "").status()).isEqualTo(404);
  }

  @Test
  void file_gzipAccepted_isCompressedAndTheSame() throws IOException {
    NodeResponse plain = get("/systole/ui/uPlot.iife.min.js", "");
    NodeResponse compressed = get("/systole/ui/uPlot.iife.min.js", "Accept-Encoding: gzip\r\n");

    assertThat(plain.isGzipped()).isFalse();
    assertThat(compressed.isGzipped()).isTrue();
    assertThat(compressed.body()).hasSizeLessThan(plain.text().length() / 2);
    assertThat(compressed.text()).isEqualTo(plain.text());
    assertThat(compressed.headers().get("etag")).isNotEqualTo(plain.headers().get("etag"));
  }

  @Test
  void file_knownTag_is304() throws IOException {
    String tag =
        get("/systole/ui/page.js", "Accept-Encoding: gzip\r\n").headers().get("etag");

    NodeResponse again = get("/systole/ui/page.js", "If-None-Match: " + tag + "\r\n");

    assertThat(again.status()).isEqualTo(304);
    assertThat(again.headers()).containsKeys("etag", "cache-control", "vary");
    assertThat(get("/systole/ui/page.css", "If-None-Match: " + tag + "\r\n").status())
        .isEqualTo(200);
  }

  @Test
  void file_head_hasNoBody() throws IOException {
    NodeResponse head = request("HEAD", "/", "Connection: close\r\n");

    assertThat(head.status()).isEqualTo(200);
    assertThat(head.headers().get("content-length"))
        .isEqualTo(get("/", "").headers().get("content-length"));
  }

  @Test
  void stream_ofTheNode_reportsEachKindOfChange() throws IOException {
    node.server.registry().register(Instances.up("PAY", "a", 90), Origin.CLIENT);
    try (LiveClient client = node.connect()) {
      client.send("GET /systole/stream HTTP/1.1\r\nHost: h\r\n\r\n");
      assertThat(client.readUntil("event: recent"))
          .contains("Content-Type: text/event-stream", "retry: 2000", "[\"PAY\",1,1,0,0,0,0,0,0]");

      node.server.registry().register(Instances.up("PAY", "b", 90), Origin.CLIENT);
      client.readUntil("[\"PAY\",2,2,0,0,0,0,0,0]");
      node.server.registry().expiry().evict(new InstanceKey("PAY", "a"));
      client.readUntil("[\"PAY\",1,1,0,0,0,0,0,0]");
      node.server.registry().cancel(new InstanceKey("PAY", "b"), Origin.CLIENT);
      client.readUntil("[\"PAY\",0,0,0,0,0,0,0,0]");
    }
  }

  @Test
  void stream_ofAnApplication_isThatOfItsNameInUpperCase() throws IOException {
    node.server.registry().register(Instances.up("PAY", "a", 90), Origin.CLIENT);
    try (LiveClient client = node.connect()) {
      client.send("GET /systole/stream/pay HTTP/1.1\r\nHost: h\r\n\r\n");
      client.readUntil("[\"a\",\"h1\"");

      node.server.registry().cancel(new InstanceKey("PAY", "a"), Origin.CLIENT);

      client.readUntil("\"removed\":[\"a\"]");
    }
  }

  @Test
  void overview_ofANode_describesIt() throws IOException {
    node.server.registry().register(Instances.up("PAY", "a", 90), Origin.CLIENT);

    NodeResponse overview = get("/systole/overview", "");

    assertThat(overview.type()).isEqualTo("application/json");
    assertThat(overview.text())
        .contains(
            "\"basePaths\":[\"/v2\"", "[\"PAY\",1,1,0,0,0,0,0,0]", "\"summary\":\"Not active");
  }

  private NodeResponse get(String path, String fields) throws IOException {
    return request("GET", path, fields);
  }

  private NodeResponse request(String method, String path, String fields) throws IOException {
    String request = method + " " + path + " HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n";
    return node.exchange(request.getBytes(StandardCharsets.US_ASCII));
  }
}
