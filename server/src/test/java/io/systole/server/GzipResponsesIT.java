// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.time.Clock;
import io.systole.server.config.ConfigParser;
import io.systole.server.registry.Instances;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.responsecache.DocumentFormat;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Gzip responses decompressed by independent implementations: of a registry with changed, unchanged
 * and removed parts. The result must equal the uncompressed response byte for byte.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
class GzipResponsesIT {
  private static final long SEED = 20_261_127;
  private static final int APPS = 40;
  private static final int INSTANCES = 4_000;

  /** Fails unless the file is exactly one gzip member; prints the text. */
  private static final String NODE_PROGRAM = """
      const zlib = require('node:zlib');
      const fs = require('node:fs');
      const packed = fs.readFileSync(process.argv[1]);
      const whole = zlib.gunzipSync(packed, { info: true });
      const inner = zlib.inflateRawSync(packed.subarray(10, packed.length - 8), { info: true });
      if (whole.engine.bytesWritten !== packed.length) throw new Error('bytes follow');
      if (inner.engine.bytesWritten !== packed.length - 18) throw new Error('not one member');
      if (!inner.buffer.equals(whole.buffer)) throw new Error('not the same');
      fs.writeFileSync(process.argv[2], whole.buffer);
      """;

  /** Reports coding, length and CRC-32 of the response; requests it while the page loads. */
  private static final String PAGE = """
      <!doctype html><title>packed</title><body><script>
      const request = new XMLHttpRequest();
      request.open('GET', '%s', false);
      request.setRequestHeader('Accept', '%s');
      request.overrideMimeType('text/plain; charset=x-user-defined');
      request.send();
      const text = request.responseText;
      let crc = -1;
      for (let i = 0; i < text.length; i++) {
        crc ^= text.charCodeAt(i) & 255;
        for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xEDB88320 : 0);
      }
      document.body.textContent = 'received: ' + [request.status,
        request.getResponseHeader('content-encoding'), text.length,
        ((crc ^ -1) >>> 0).toString(16).padStart(8, '0')].join(' ') + ';';
      </script></body>
      """;

  private final Random random = new Random(SEED);
  private HeartbeatServer server;
  private Registry registry;
  private int port;

  @TempDir
  Path folder;

  @BeforeAll
  void start() throws IOException {
    server = new HeartbeatServer(
        ConfigParser.read(Map.of("--port", "0", "--bind", "127.0.0.1"), Map.of()),
        Clock.startingAtZero());
    registry = server.registry();
    port = server.start().getPort();
    for (int i = 0; i < INSTANCES; i++) {
      register(i, "first");
    }
    for (DocumentFormat language : DocumentFormat.values()) {
      // Compresses its parts, which are kept where nothing changes.
      assertThat(response(language, true).body()).isNotEmpty();
    }
    for (int i = 0; i < 100; i++) {
      register(random.nextInt(INSTANCES), "second, ünd löng " + "x".repeat(random.nextInt(3_000)));
      InstanceKey key = key(random.nextInt(INSTANCES));
      registry
          .statusOverrides()
          .set(key, InstanceStatus.OUT_OF_SERVICE, Registry.NO_TIMESTAMP, Origin.CLIENT);
      registry.cancel(key(random.nextInt(INSTANCES)), Origin.CLIENT);
    }
    for (int i = 0; i < INSTANCES; i++) {
      // The first application, one in the middle and the last.
      if (List.of("APP0", "APP17", "APP" + (APPS - 1)).contains(key(i).app())) {
        registry.cancel(key(i), Origin.CLIENT);
      }
    }
  }

  @AfterAll
  void stop() {
    server.close();
  }

  @ParameterizedTest
  @EnumSource
  void response_readByJava_isTheSame(DocumentFormat language) throws Exception {
    byte[] packed = packed(language);

    try (GZIPInputStream gzip = new GZIPInputStream(new ByteArrayInputStream(packed))) {
      assertThat(gzip.readAllBytes()).isEqualTo(plain(language));
    }
  }

  @ParameterizedTest
  @EnumSource
  void response_readByGzip_isTheSame(DocumentFormat language) throws Exception {
    Path gzip = ExternalPrograms.find("gzip");
    Path file = Files.write(folder.resolve("response.gz"), packed(language));

    assertThat(ExternalPrograms.run(folder, gzip, "-t", file)).isEmpty();
    assertThat(ExternalPrograms.run(folder, gzip, "-dc", file)).isEqualTo(plain(language));
  }

  @ParameterizedTest
  @EnumSource
  void response_readByNode_isTheSameAndOneMember(DocumentFormat language) throws Exception {
    Path node = ExternalPrograms.find("node");
    Path file = Files.write(folder.resolve("response.gz"), packed(language));
    Path text = folder.resolve("response");

    ExternalPrograms.run(folder, node, "-e", NODE_PROGRAM, file, text);

    assertThat(text).hasBinaryContent(plain(language));
  }

  @ParameterizedTest
  @EnumSource
  void response_readByCurl_isTheSame(DocumentFormat language) throws Exception {
    Path curl = ExternalPrograms.find("curl");
    Path head = folder.resolve("head");

    byte[] read = ExternalPrograms.run(
        folder,
        curl,
        "--noproxy",
        "*",
        "--silent",
        "--show-error",
        "--fail",
        "--compressed",
        "--dump-header",
        head,
        "--header",
        "Accept: " + language.mediaType(),
        address());

    assertThat(Files.readString(head).toLowerCase(Locale.ROOT)).contains("content-encoding: gzip");
    assertThat(read).isEqualTo(plain(language));
  }

  @ParameterizedTest
  @EnumSource
  void response_readByChromium_isTheSame(DocumentFormat language) throws Exception {
    Path chromium = ExternalPrograms.find("chromium");
    Path page = folder.resolve("page.html");
    Files.writeString(page, PAGE.formatted(address(), language.mediaType()));
    byte[] plain = plain(language);

    // The page has another origin than the response.
    byte[] output = ExternalPrograms.run(
        folder,
        chromium,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--no-proxy-server",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-web-security",
        "--user-data-dir=" + folder.resolve("profile"),
        "--dump-dom",
        page.toUri());

    assertThat(output)
        .asString(UTF_8)
        .contains("received: 200 gzip " + plain.length + " " + crc(plain) + ";");
  }

  private static String crc(byte[] bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    return HexFormat.of().toHexDigits((int) crc.getValue());
  }

  private void register(int number, String text) {
    InstanceKey key = key(number);
    registry.register(
        Instances.up(key.app(), key.id(), 3_600).toBuilder()
            .metadata(Map.of("text", text, "number", Long.toHexString(random.nextLong())))
            .build(),
        Origin.CLIENT);
  }

  /** Half of the instances belong to one application. */
  private static InstanceKey key(int number) {
    int app = number % 2 == 0 ? 3 : number / 2 % APPS;
    return new InstanceKey("APP" + app, "i-" + number);
  }

  private String address() {
    return "http://127.0.0.1:" + port + "/eureka/apps";
  }

  private byte[] plain(DocumentFormat language) throws IOException {
    PersistentConnection.VersionedResponse response = response(language, false);
    assertThat(response.isGzip()).isFalse();
    assertThat(response.body()).hasSizeGreaterThan(1 << 20);
    return response.body();
  }

  private byte[] packed(DocumentFormat language) throws IOException {
    PersistentConnection.VersionedResponse response = response(language, true);
    assertThat(response.isGzip()).isTrue();
    return response.body();
  }

  private PersistentConnection.VersionedResponse response(DocumentFormat language, boolean isGzip)
      throws IOException {
    try (PersistentConnection connection = new PersistentConnection(port)) {
      connection.send("GET /eureka/apps HTTP/1.1\r\nHost: a\r\nAccept: " + language.mediaType()
          + (isGzip ? "\r\nAccept-Encoding: gzip" : "") + "\r\n\r\n");
      PersistentConnection.VersionedResponse response = connection.response();
      assertThat(response.status()).isEqualTo(200);
      return response;
    }
  }
}
