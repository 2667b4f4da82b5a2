// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.ReportJson;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Connection churn against a TLS target. */
class TlsChurnIT {
  private static final String PASSWORD = "changeit";
  private static final String BIN =
      Path.of(System.getProperty("java.home"), "bin").toString();

  @TempDir
  private Path folder;

  private String execute(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return printed;
  }

  private ServerSocket tlsListener(Path keys)
      throws IOException, GeneralSecurityException, InterruptedException {
    execute(
        BIN + "/keytool",
        "-J-XX:TieredStopAtLevel=1",
        "-J-XX:+UseSerialGC",
        "-genkeypair",
        "-alias",
        "target",
        "-keyalg",
        "EC",
        "-dname",
        "CN=target",
        "-ext",
        "san=ip:127.0.0.1",
        "-storetype",
        "PKCS12",
        "-keystore",
        keys.toString(),
        "-storepass",
        PASSWORD);
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(keys)) {
      store.load(in, PASSWORD.toCharArray());
    }
    var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(store, PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context
        .getServerSocketFactory()
        .createServerSocket(0, 200, InetAddress.getLoopbackAddress());
  }

  @Test
  void run_churnOverTls_makesAFullHandshakeForEachConnection() throws Exception {
    Path keys = folder.resolve("keys.p12");
    Path json = folder.resolve("run.json");
    String printed;
    int full;
    try (FakeTarget target = new FakeTarget(FakeTarget.Behavior.RENEWS, tlsListener(keys))) {
      printed = execute(
          BIN + "/java",
          "-XX:TieredStopAtLevel=1",
          "-XX:+UseSerialGC",
          "-Djavax.net.ssl.trustStore=" + keys,
          "-Djavax.net.ssl.trustStorePassword=" + PASSWORD,
          "-cp",
          System.getProperty("java.class.path"),
          "io.systole.loadtest.LoadTest",
          "run",
          "--target=" + target.url(),
          "--instances=20",
          "--connections=4",
          "--interval=1s",
          "--warmup=0",
          "--duration=2s",
          "--timeout=2s",
          "--churn=6000%",
          "--lag-max=60000",
          "--no-compare",
          "--json=" + json);
      full = target.handshakes(false);

      assertThat(target.handshakes(true)).isZero();
    }
    assertThat(json).as(printed).exists();
    Report report = ReportJson.read(Files.readString(json));
    Report.Connections connections = report.connections();
    assertThat(report.window().statuses()).containsOnlyKeys("200");
    assertThat(connections.opened()).isPositive();
    assertThat(connections.failed()).isZero();
    assertThat(full).isGreaterThanOrEqualTo(4 + (int) connections.opened() - 1);
    assertThat(printed).containsPattern("connections +opened \\d+ \\([0-9.]+/s\\), 0 failed");
  }
}
