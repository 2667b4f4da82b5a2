// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.net.ParsedResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.security.crypto.bcrypt.BCrypt;

/**
 * What a node shows besides its log, after credentials were accepted, refused and read again. The
 * passwords are those of a user and of a peer that does not respond.
 */
class SecretsTest {
  private static final String PASSWORD = "password-of-a-user";
  private static final String WRONG = "guess-of-a-stranger";
  private static final String PEER_PASSWORD = "password-of-a-peer";

  @TempDir
  private Path directory;

  private Path file;
  private String hash;

  @BeforeEach
  void writeFile() throws IOException {
    // The lowest cost: a test is not attacked.
    hash = BCrypt.hashpw(PASSWORD, BCrypt.gensalt("$2b", 4));
    file = directory.resolve("credentials");
    Files.writeString(file, "user all " + hash + " roles=read,register,manage\n");
  }

  private SecuredNode node() throws IOException {
    return SecuredNode.start(Map.of(
        "--credentials-file",
        file.toString(),
        "--peers",
        "http://node:" + PEER_PASSWORD + "@127.0.0.1:1/eureka",
        "--register-self",
        "true"));
  }

  private static String basic(String password) {
    return Base64.getEncoder().encodeToString(("all:" + password).getBytes(UTF_8));
  }

  private static ParsedResponse get(SecuredNode node, String path, String password)
      throws IOException {
    return node.exchange("GET " + path + " HTTP/1.1\r\nHost: a\r\nAccept: application/json\r\n"
        + "Authorization: Basic " + basic(password) + "\r\n\r\n");
  }

  private void assertNoSecretIn(String text) {
    assertThat(text)
        .doesNotContain(PASSWORD, WRONG, PEER_PASSWORD, hash, basic(PASSWORD), basic(WRONG));
  }

  @Test
  void responses_afterSuccessFailureAndReload_showNoSecret() throws IOException {
    try (SecuredNode node = node()) {
      assertThat(get(node, "/metrics", WRONG).status()).isEqualTo(401);
      node.server.prepareReload(node.config).run();

      for (String path : List.of(
          "/metrics",
          "/health",
          "/systole/peers",
          "/systole/recent",
          "/systole/refused",
          "/systole/self-preservation",
          "/systole/explain/PAY/i",
          "/v2/apps",
          "/v2/apps/delta",
          "/v2/status")) {
        ParsedResponse response = get(node, path, PASSWORD);
        assertThat(response.status()).as(path).isEqualTo(200);
        assertNoSecretIn(response.headers() + response.body());
      }
    }
  }

  @Test
  void names_ofThreadsAndConfiguration_showNoSecret() throws IOException {
    try (SecuredNode node = node()) {
      assertThat(get(node, "/metrics", PASSWORD).status()).isEqualTo(200);

      assertNoSecretIn(Thread.getAllStackTraces().keySet().stream()
          .map(Thread::getName)
          .collect(Collectors.joining("\n")));
      assertNoSecretIn(node.config.toString());
    }
  }
}
