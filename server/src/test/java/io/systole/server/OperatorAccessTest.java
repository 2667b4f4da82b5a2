// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.tls.TestAuthority;
import io.systole.server.tls.TestAuthority.Issued;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands of operators at nodes with TLS and credentials. */
class OperatorAccessTest {
  @TempDir
  private Path folder;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private TestAuthority authority;

  @BeforeEach
  void makeAuthority() throws IOException {
    authority = new TestAuthority(folder, "authority");
  }

  private int explain(Map<String, String> options, String... more) {
    List<String> arguments = new ArrayList<>(List.of("explain", "PAY", "i"));
    options.forEach((name, value) -> arguments.addAll(List.of(name, value)));
    arguments.addAll(List.of(more));
    out.reset();
    PrintStream printed = new PrintStream(out, true, UTF_8);
    return Main.run(arguments.toArray(String[]::new), Map.of(), printed, printed);
  }

  private String printed() {
    return out.toString(UTF_8);
  }

  @Test
  void run_localNode_trustsItsOwnCertificateOnly() throws IOException {
    Map<String, String> options = SecuredNode.tls(authority.issue("node"));
    try (SecuredNode node = SecuredNode.start(options)) {
      String port = Integer.toString(node.port);

      assertThat(explain(options, "--port", port)).as(printed()).isZero();
      assertThat(printed()).startsWith("PAY i: valid\n");

      Map<String, String> others = SecuredNode.tls(authority.issue("other"));
      assertThat(explain(others, "--port", port)).isEqualTo(3);
      assertThat(printed()).contains("not the one in the node's file");
    }
  }

  @Test
  void run_url_trustsTheAuthority() throws IOException {
    try (SecuredNode node = SecuredNode.start(SecuredNode.tls(authority.issue("node")))) {
      String url = "https://127.0.0.1:" + node.port;

      assertThat(explain(Map.of("--url", url))).isEqualTo(3);
      assertThat(explain(Map.of("--url", url, "--ca", authority.file().toString())))
          .as(printed())
          .isZero();
    }
  }

  @Test
  void run_clientCertificateRequired_isPresented() throws IOException {
    Map<String, String> options = SecuredNode.tls(authority.issue("node"));
    options.put("--tls-client-auth", "required");
    options.put("--tls-client-ca", authority.file().toString());
    try (SecuredNode node = SecuredNode.start(options)) {
      assertThat(explain(options, "--port", Integer.toString(node.port)))
          .as(printed())
          .isZero();

      Map<String, String> remote = Map.of(
          "--url", "https://127.0.0.1:" + node.port, "--ca", authority.file().toString());
      assertThat(explain(remote)).isEqualTo(3);
      Issued own = authority.issue("operator");
      assertThat(explain(
              remote,
              "--peer-certificate",
              own.certificate().toString(),
              "--peer-key",
              own.key().toString()))
          .as(printed())
          .isZero();
    }
  }

  @Test
  void run_credentialsRequired_areThoseOfTheOperator() throws Exception {
    byte[] digest = MessageDigest.getInstance("SHA-256").digest("t0ken".getBytes(UTF_8));
    String credentials = Files.writeString(
            folder.resolve("credentials"),
            "token ann " + HexFormat.of().formatHex(digest) + " roles=read\n")
        .toString();
    Path token = Files.writeString(folder.resolve("token"), "t0ken\n");
    Map<String, String> options = SecuredNode.tls(authority.issue("node"));
    options.put("--credentials-file", credentials);
    try (SecuredNode node = SecuredNode.start(options)) {
      options.put("--port", Integer.toString(node.port));

      assertThat(explain(options)).isEqualTo(1);
      assertThat(printed()).contains("401 from https://").contains("credentials are required");
      assertThat(explain(options, "--token-file", token.toString()))
          .as(printed())
          .isZero();
      assertThat(Main.run(
              new String[] {
                "evict",
                "PAY",
                "i",
                "--yes",
                "--url",
                "https://127.0.0.1:" + node.port,
                "--ca",
                authority.file().toString(),
                "--token-file",
                token.toString()
              },
              Map.of(),
              new PrintStream(out, true, UTF_8),
              new PrintStream(out, true, UTF_8)))
          .isEqualTo(1);
      assertThat(printed()).contains("403 from https://");
    }
  }
}
