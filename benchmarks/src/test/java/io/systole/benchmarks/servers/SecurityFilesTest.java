// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.security.crypto.bcrypt.BCrypt;

final class SecurityFilesTest {
  private static final String PROVIDER_JAR = "netty-tcnative-classes-2.jar";

  @TempDir
  private Path root;

  @BeforeEach
  void createCheckout() throws IOException {
    Files.createDirectories(root.resolve("server/target/dist/systole-1.0"));
    Path libraries = Files.createDirectories(root.resolve("benchmarks/target/lib"));
    Files.createFile(libraries.resolve(PROVIDER_JAR));
  }

  @Test
  void create_checkout_makesCertificateAndKeyThatAServerAccepts() throws Exception {
    try (SecurityFiles security = SecurityFiles.create(root)) {
      List<String> arguments = security.tlsArguments();
      assertThat(arguments).element(0).isEqualTo("--tls-certificate");
      assertThat(arguments).element(2).isEqualTo("--tls-key");

      SslContext context = SslContextBuilder.forServer(
              Path.of(arguments.get(1)).toFile(), Path.of(arguments.get(3)).toFile())
          .sslProvider(SslProvider.JDK)
          .build();

      assertThat(context.isServer()).isTrue();
      SSLEngine client = security.clientContext().createSSLEngine();
      assertThat(client.getSupportedProtocols()).contains("TLSv1.3");
      assertThat(security.clientJvmOptions())
          .element(0)
          .asString()
          .startsWith("-Djavax.net.ssl.trustStore=" + security.directory());
    }
  }

  @Test
  void create_checkout_hashesThePasswordOfTheUrl() throws Exception {
    try (SecurityFiles security = SecurityFiles.create(root)) {
      String[] userInfo = SecurityFiles.USER_INFO.split(":", 2);

      String[] entry =
          Files.readString(Path.of(security.credentialsArguments().get(1))).split(" ", -1);

      assertThat(entry).startsWith("user", userInfo[0]);
      assertThat(BCrypt.checkpw(userInfo[1], entry[2])).isTrue();
    }
  }

  @Test
  void boringSslArguments_checkout_addTheProviderToTheLibrariesOfTheArchive() throws Exception {
    try (SecurityFiles security = SecurityFiles.create(root)) {
      Path libraries = root.resolve("server/target/dist/systole-1.0/lib");

      assertThat(security.boringSslArguments())
          .contains("-Djava.library.path=" + libraries.resolve("native"))
          .containsSequence(
              "-cp",
              libraries + "/*:" + root.resolve("benchmarks/target/lib").resolve(PROVIDER_JAR));
    }
  }

  @Test
  void close_created_deletesCertificateAndCredentials() throws Exception {
    SecurityFiles security = SecurityFiles.create(root);

    security.close();

    assertThat(security.directory()).doesNotExist();
  }

  @Test
  void create_providerMissing_throwsIOException() throws IOException {
    Files.delete(root.resolve("benchmarks/target/lib").resolve(PROVIDER_JAR));

    assertThatThrownBy(() -> SecurityFiles.create(root))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("jars of BoringSSL");
  }

  @Test
  void create_severalArchives_throwsIOException() throws IOException {
    Files.createDirectories(root.resolve("server/target/dist/systole-2.0"));

    assertThatThrownBy(() -> SecurityFiles.create(root))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("one tree of the node's archive");
  }
}
