// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The options that lead to a node, credentials, and failures of the exchange. */
class NodeAccessTest {
  private static final String PEERS = "GET /systole/peers";

  @TempDir
  private Path folder;

  private CommandFixture fixture;

  @BeforeEach
  void start() throws IOException {
    fixture = new CommandFixture().on(PEERS, "{'peers': []}");
  }

  @AfterEach
  void stop() {
    fixture.close();
  }

  private String file(String content) throws IOException {
    return Files.writeString(folder.resolve("file"), content).toString();
  }

  private String port() {
    return fixture.url().substring(fixture.url().lastIndexOf(':') + 1);
  }

  @Test
  void run_withoutUrl_isTheNodeOfTheConfiguration() throws IOException {
    assertThat(fixture.runLocally(List.of("peers", "--port", port()))).isZero();

    fixture.environment().put("SYSTOLE_MANAGEMENT_PORT", port());
    assertThat(fixture.runLocally(List.of("peers"))).as(fixture.err()).isZero();

    fixture.environment().clear();
    Path config = Files.writeString(
        folder.resolve("systole.yml"), "listen: {port: " + port() + ", bind: 127.0.0.1}\n");
    assertThat(fixture.runLocally(List.of("peers", "--config", config.toString())))
        .isZero();
    assertThat(fixture.requests()).hasSize(3);
  }

  @Test
  void run_invalidConfiguration_is2() {
    fixture.environment().put("SYSTOLE_WORKERS", "0");

    assertThat(fixture.runLocally(List.of("peers"))).isEqualTo(2);
    assertThat(fixture.err()).startsWith("systole: SYSTOLE_WORKERS=0 is not within");
    fixture.environment().clear();
    assertThat(fixture.runLocally(List.of("peers", "--port", "0"))).isEqualTo(2);
    assertThat(fixture.err()).isEqualTo("systole: the port is chosen by the system; name one\n");
  }

  @Test
  void run_userAndPasswordFile_areSent() throws IOException {
    assertThat(fixture.run("peers", "--user", "ann", "--password-file", file("pä:s\n")))
        .isZero();

    assertThat(fixture.authorizations()).containsExactly("Basic YW5uOnDDpDpz");
  }

  @Test
  void run_tokenFile_isSent() throws IOException {
    assertThat(fixture.run("peers", "--token-file", file("a-b._~+/0=\r\n"))).isZero();

    assertThat(fixture.authorizations()).containsExactly("Bearer a-b._~+/0=");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "a\nhidden\n", "a\u0007hidden", "a hidden", "ähidden"})
  void run_unusableToken_is2WithoutTheToken(String content) throws IOException {
    assertThat(fixture.run("peers", "--token-file", file(content))).isEqualTo(2);

    assertThat(fixture.err()).startsWith("systole: --token-file").doesNotContain("hidden");
    assertThat(fixture.requests()).isEmpty();
  }

  @Test
  void run_largeSecret_is2() throws IOException {
    assertThat(fixture.run("peers", "--token-file", file("a".repeat(4097)))).isEqualTo(2);

    assertThat(fixture.err()).contains("more than 4096 bytes");
  }

  @Test
  void run_contradictoryCredentials_is2() throws IOException {
    String secret = file("s");

    assertThat(fixture.run("peers", "--user", "a")).isEqualTo(2);
    assertThat(fixture.run("peers", "--password-file", secret)).isEqualTo(2);
    assertThat(
            fixture.run("peers", "--user", "a", "--password-file", secret, "--token-file", secret))
        .isEqualTo(2);
    assertThat(fixture.run("peers", "--user", "a:b", "--password-file", secret)).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost:8761",
        "ftp://h",
        "http://u:s3cr3t@h",
        "http://h/?s3cr3t",
        "http://h/#s3cr3t",
        "http://",
        "http://s3cr3t h"
      })
  void run_unusableUrl_is2(String url) {
    assertThat(fixture.runLocally(List.of("peers", "--url", url))).isEqualTo(2);

    assertThat(fixture.err()).startsWith("systole: --url is not").doesNotContain("s3cr3t");
  }

  @ParameterizedTest
  @CsvSource({"--port,1", "--config,f", "--ca,f", "--timeout,0", "--timeout,601", "--prot,1"})
  void run_optionWithoutEffectOrInvalid_is2(String name, String value) {
    assertThat(fixture.run("peers", name, value)).isEqualTo(2);

    assertThat(fixture.err()).contains(name);
    assertThat(fixture.requests()).isEmpty();
  }

  @Test
  void run_pathInUrl_isKept() {
    fixture.on("GET /node/systole/peers", "{'peers': []}");

    assertThat(fixture.runLocally(List.of("peers", "--url", fixture.url() + "/node/")))
        .isZero();
  }

  @Test
  void run_nothingListens_is3() throws IOException {
    try (Socket bound = new Socket()) {
      bound.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      String port = Integer.toString(bound.getLocalPort());

      assertThat(fixture.runLocally(List.of("peers", "--port", port))).isEqualTo(3);
      assertThat(fixture.err())
          .isEqualTo("systole: no response from http://localhost:" + port + ": can't connect\n");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"})
  void run_nodeHangs_is3(String begin) throws IOException {
    try (ServerSocket hanging = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread server = new Thread(() -> {
        try (Socket socket = hanging.accept()) {
          socket.getOutputStream().write(begin.getBytes(StandardCharsets.US_ASCII));
          socket.getInputStream().readAllBytes();
        } catch (IOException closed) {
          // The client has given up.
        }
      });
      server.start();

      assertThat(fixture.runLocally(List.of(
              "peers", "--url", "http://127.0.0.1:" + hanging.getLocalPort(), "--timeout", "1")))
          .isEqualTo(3);

      assertThat(fixture.err()).endsWith(": timeout of 1 s\n");
    }
  }

  @Test
  void run_longResponse_is3() {
    fixture.on(PEERS, " ".repeat(NodeClient.RESPONSE_BYTES_MAX) + "1");

    assertThat(fixture.run("peers")).isEqualTo(3);
    assertThat(fixture.err())
        .isEqualTo("systole: no response from URL: more than 16777216 bytes\n");
  }

  @Test
  void run_longestResponse_isRead() {
    fixture.on(PEERS, " ".repeat(NodeClient.RESPONSE_BYTES_MAX - 2) + "{}");

    assertThat(fixture.run("peers")).isZero();
  }

  @Test
  void run_malformedDocument_is3() {
    fixture.on(PEERS, "<html>");

    assertThat(fixture.run("peers")).isEqualTo(3);
    assertThat(fixture.err()).isEqualTo("systole: the response from URL is not JSON\n");
  }

  @Test
  void run_otherTypesThanExpected_printsWhatThereIs() {
    fixture.on(PEERS, "{'peers': [{'url': 1, 'state': {}, 'lagMs': 'x', 'due': null}, 2]}");

    assertThat(fixture.run("peers")).isZero();
    assertThat(fixture.out()).contains("1    -        -      -      -  -\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "401 | 401 from URL/systole/peers: credentials are required, or not those of the node",
        "403 | 403 from URL/systole/peers: the credentials do not permit this request",
        "404 | 404 from URL/systole/peers: not served at this address",
        "302 | 302 from URL/systole/peers: no reason given",
        "503 | 503 from URL/systole/peers: no reason given"
      })
  void run_refusedWithoutReason_is1(int status, String message) {
    fixture.on(PEERS, status, "");

    assertThat(fixture.run("peers")).isEqualTo(1);
    assertThat(fixture.err()).isEqualTo("systole: " + message + "\n");
  }

  @Test
  void run_help_namesTheOptionsWithoutThoseOfANode() {
    for (String name : OperatorCommands.NAMES) {
      assertThat(fixture.runLocally(List.of(name, "--help"))).isZero();

      assertThat(fixture.out())
          .startsWith("Usage: systole " + name)
          .contains("--url", "--token-file", "--ca=")
          .doesNotContain("--data-dir");
    }
  }
}
