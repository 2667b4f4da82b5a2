// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.tls.TestAuthority;
import io.systole.server.tls.TestAuthority.Issued;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HealthCommandTest {
  @TempDir
  private Path folder;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final Map<String, String> environment = new HashMap<>();

  private int check(Map<String, String> options) {
    List<String> arguments = new ArrayList<>(List.of("health"));
    options.forEach((name, value) -> arguments.addAll(List.of(name, value)));
    PrintStream printed = new PrintStream(out, true, StandardCharsets.UTF_8);
    return Main.run(arguments.toArray(String[]::new), environment, printed, printed);
  }

  /** Checks a node by its own options, with the ports that the system has chosen. */
  private int check(SecuredNode node, Map<String, String> options) {
    Map<String, String> given = new HashMap<>(options);
    given.put("--port", Integer.toString(node.port));
    given.computeIfPresent(
        "--management-port",
        (name, any) -> Integer.toString(node.server.managementAddress().getPort()));
    return check(given);
  }

  private String printed() {
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void run_plainNode_is0() throws IOException {
    try (SecuredNode node = SecuredNode.start(Map.of())) {
      assertThat(check(node, Map.of())).as(printed()).isZero();

      assertThat(printed()).matches("200 from http://(localhost|127.0.0.1):\\d+/health\\R");
    }
  }

  @Test
  void run_configurationFile_isThatOfTheNode() throws IOException {
    try (SecuredNode node = SecuredNode.start(Map.of())) {
      Path file = Files.writeString(
          folder.resolve("systole.yml"), "listen: {port: " + node.port + ", bind: 127.0.0.1}\n");
      environment.put("SYSTOLE_CONFIG", file.toString());

      assertThat(check(Map.of())).as(printed()).isZero();
    }
  }

  @Test
  void run_nodeWithTlsAndCredentials_needsNeitherTrustNorCredentials() throws IOException {
    Map<String, String> options =
        SecuredNode.tls(new TestAuthority(folder, "authority").issue("node"));
    options.put("--credentials-file", credentials());
    try (SecuredNode node = SecuredNode.start(options)) {
      assertThat(check(node, options)).as(printed()).isZero();

      assertThat(printed()).startsWith("200 from https://");
    }
  }

  @Test
  void run_clientCertificatesRequired_presentsThatOfTheNode() throws IOException {
    TestAuthority authority = new TestAuthority(folder, "authority");
    Map<String, String> options = SecuredNode.tls(authority.issue("node"));
    options.put("--tls-client-auth", "required");
    options.put("--tls-client-ca", authority.file().toString());
    try (SecuredNode node = SecuredNode.start(options)) {
      assertThat(check(node, options)).as(printed()).isZero();
    }
  }

  @Test
  void run_clientCertificatesOfAnotherAuthority_presentsThatForPeers() throws IOException {
    TestAuthority clients = new TestAuthority(folder, "clients");
    Map<String, String> options = SecuredNode.tls(new TestAuthority(folder, "servers").issue("n"));
    options.put("--tls-client-auth", "required");
    options.put("--tls-client-ca", clients.file().toString());
    try (SecuredNode node = SecuredNode.start(options)) {
      assertThat(check(node, options)).isEqualTo(1);
      assertThat(printed()).startsWith("no response from https://");

      Issued peer = clients.issue("peer");
      options.put("--peer-certificate", peer.certificate().toString());
      options.put("--peer-key", peer.key().toString());

      assertThat(check(node, options)).as(printed()).isZero();
    }
  }

  @Test
  void run_managementPort_isCheckedAsItIs() throws IOException {
    Map<String, String> options =
        SecuredNode.tls(new TestAuthority(folder, "authority").issue("node"));
    options.put("--management-port", "0");
    options.put("--credentials-file", credentials());
    try (SecuredNode node = SecuredNode.start(options)) {
      assertThat(check(node, options)).as(printed()).isZero();
      assertThat(printed())
          .startsWith("200 from https://")
          .contains(":" + node.server.managementAddress().getPort() + "/health");
    }
    out.reset();
    options.put("--management-tls", "false");
    try (SecuredNode node = SecuredNode.start(options)) {
      assertThat(check(node, options)).as(printed()).isZero();
      assertThat(printed()).startsWith("200 from http://");
    }
  }

  @Test
  void run_managementPortOfANodeWithClientCertificates_mayRequestNone() throws IOException {
    TestAuthority authority = new TestAuthority(folder, "authority");
    Map<String, String> options = SecuredNode.tls(authority.issue("node"));
    options.put("--tls-client-auth", "required");
    options.put("--tls-client-ca", authority.file().toString());
    options.put("--management-port", "0");
    options.put("--management-tls-client-auth", "none");
    options.put("--credentials-file", credentials());
    try (SecuredNode node = SecuredNode.start(options)) {
      assertThat(check(node, options)).as(printed()).isZero();
    }
  }

  @Test
  void run_tlsOfAPlainNode_is1() throws IOException {
    try (SecuredNode node = SecuredNode.start(Map.of())) {
      Map<String, String> options =
          SecuredNode.tls(new TestAuthority(folder, "authority").issue("node"));

      assertThat(check(node, options)).isEqualTo(1);
      assertThat(printed()).startsWith("no response from https://");
    }
  }

  @Test
  void run_nothingListens_is1() throws IOException {
    try (Socket bound = new Socket()) {
      bound.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));

      assertThat(check(Map.of("--port", Integer.toString(bound.getLocalPort()))))
          .isEqualTo(1);
    }
    assertThat(printed()).startsWith("no response from http://").contains("refused");
  }

  @Test
  void run_stoppingNode_is1() throws Exception {
    try (ServerSocket stopping = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      CompletableFuture<Void> served = CompletableFuture.runAsync(() -> {
        try (Socket socket = stopping.accept()) {
          socket
              .getOutputStream()
              .write("HTTP/1.1 503 \r\n\r\n".getBytes(StandardCharsets.US_ASCII));
          socket.shutdownOutput();
          socket.getInputStream().readAllBytes();
        } catch (IOException failure) {
          throw new IllegalStateException(failure);
        }
      });

      assertThat(check(Map.of("--port", Integer.toString(stopping.getLocalPort()))))
          .isEqualTo(1);

      assertThat(printed()).startsWith("503 from http://");
      served.join();
    }
  }

  @Test
  void run_portChosenByTheSystem_is1() {
    assertThat(check(Map.of("--port", "0"))).isEqualTo(1);
    assertThat(printed()).isEqualToIgnoringNewLines("the port is chosen by the system; name one");
  }

  @Test
  void run_unknownOption_is2() {
    assertThat(check(Map.of("--prot", "1"))).isEqualTo(2);
    assertThat(printed()).contains("--prot is not a known option; did you mean --port?");
  }

  private String credentials() throws IOException {
    return Files.writeString(
            folder.resolve("credentials"), "token any " + "0".repeat(64) + " roles=read\n")
        .toString();
  }
}
