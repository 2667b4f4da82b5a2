// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.config.ConfigParser;
import io.systole.server.time.ManualClock;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MainTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Test
  void run_unknownOption_isBadUsage() {
    assertThat(run(Map.of(), "--prot", "1")).isEqualTo(Main.BAD_USAGE);

    assertThat(err.toString(UTF_8)).contains("--prot");
  }

  @Test
  void run_valueOutOfRange_isBadUsageNamingTheRange() {
    assertThat(run(Map.of(), "--port", "70000")).isEqualTo(Main.BAD_USAGE);

    assertThat(err.toString(UTF_8))
        .isEqualToNormalizingNewlines("systole: --port=70000 is not within 0..65535\n");
  }

  @Test
  void run_badVariable_isBadUsage() {
    assertThat(run(Map.of("SYSTOLE_WORKERS", "0"))).isEqualTo(Main.BAD_USAGE);

    assertThat(err.toString(UTF_8)).contains("SYSTOLE_WORKERS=0 is not within 1..64");
  }

  @Test
  void run_portTaken_cannotServe() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());

      assertThat(run(Map.of(), "--bind", "127.0.0.1", "--port", port)).isEqualTo(Main.CANNOT_SERVE);

      assertThat(err.toString(UTF_8)).contains("can't listen on 127.0.0.1:" + port);
    }
  }

  /** Regression: the reason was null. */
  @Test
  void run_unresolvedHost_isReported() {
    int status = run(Map.of(), "--bind", "nowhere.invalid", "--port", "0");

    assertThat(status).isEqualTo(Main.CANNOT_SERVE);
    assertThat(err.toString(UTF_8))
        .isEqualToNormalizingNewlines(
            "systole: can't listen on nowhere.invalid:0: unresolved host\n");
  }

  @Test
  void run_dataDirectoryOfALaterRelease_cannotServeAndNamesTheFile(@TempDir Path folder)
      throws IOException {
    Path journal = folder.resolve("journal-0000000000000005-0000.log");
    byte[] header = journalHeader(99);
    Files.write(journal, header);

    int status =
        run(Map.of(), "--port", "0", "--bind", "127.0.0.1", "--data-dir", folder.toString());

    assertThat(status).isEqualTo(Main.CANNOT_SERVE);
    assertThat(err.toString(UTF_8))
        .contains("can't use the data directory " + folder)
        .contains("journal-0000000000000005-0000.log has format 99, this release supports up to ")
        .contains("no file in the data directory is changed");
    assertThat(Files.readAllBytes(journal)).isEqualTo(header);
  }

  /** The header of a journal, which is the same in all formats; see the package of the store. */
  private static byte[] journalHeader(int format) {
    int copyBytes = 40;
    ByteBuffer header = ByteBuffer.allocate(2 * copyBytes);
    header.put("SYSTOLEJ".getBytes(UTF_8)).putInt(format).putLong(0).putLong(5).putLong(1);
    CRC32C crc = new CRC32C();
    crc.update(header.array(), 0, header.position());
    header.putInt((int) crc.getValue()).put(header.array(), 0, copyBytes);
    return header.array();
  }

  @Test
  void run_dataDirectoryIsAFile_cannotServe(@TempDir Path folder) throws IOException {
    String file = Files.writeString(folder.resolve("file"), "text").toString();

    assertThat(run(Map.of(), "--port", "0", "--data-dir", file)).isEqualTo(Main.CANNOT_SERVE);

    assertThat(err.toString(UTF_8))
        .isEqualToNormalizingNewlines("systole: can't use the data directory " + file
            + ": it is not a directory (--data-dir names another, or none to keep the registry in"
            + " memory only)\n");
  }

  /** Regression: the node served from memory and later overwrote the other node's data. */
  @Test
  void run_dataDirectoryInUse_cannotServe(@TempDir Path folder) throws IOException {
    Map<String, String> flags =
        Map.of("--port", "0", "--bind", "127.0.0.1", "--data-dir", folder.toString());
    try (HeartbeatServer first =
        new HeartbeatServer(ConfigParser.read(flags, Map.of()), new ManualClock())) {
      assertThat(first.start().getPort()).isPositive();

      int status =
          run(Map.of(), "--port", "0", "--data-dir", folder.toString(), "--data-dir-wait", "0");

      assertThat(status).isEqualTo(Main.CANNOT_SERVE);
      assertThat(err.toString(UTF_8)).contains(folder + ": another node uses it, waited 0 ms");
    }
  }

  /** A stack trace was printed, and the data directory stayed in use. */
  @Test
  void run_peerCertificateAbsent_cannotServe(@TempDir Path folder) {
    String absent = folder.resolve("absent.pem").toString();

    int status =
        run(Map.of(), "--port", "0", "--peers", "https://127.0.0.1:1/eureka", "--peer-ca", absent);

    assertThat(status).isEqualTo(Main.CANNOT_SERVE);
    assertThat(err.toString(UTF_8))
        .startsWith("systole: TLS files for peers: ")
        .contains(absent)
        .hasLineCount(1);
  }

  @Test
  void run_help_namesEveryOption() {
    assertThat(run(Map.of(), "--help")).isZero();

    String help = out.toString(UTF_8);
    ConfigParser.options().forEach(option -> assertThat(help).contains(option.flag() + "="));
    assertThat(help).contains("1%..100%, default 85%");
  }

  @Test
  void readyLine_separateManagementAddress_namesIt() {
    String line = Main.readyLine(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 1),
        new InetSocketAddress(2),
        ConfigParser.defaults());

    assertThat(line)
        .startsWith("Systole is ready: http://localhost:1/v2"
            + " (metrics http://127.0.0.1:2/metrics, health http://localhost:1/health)");
  }

  private int run(Map<String, String> environment, String... arguments) {
    return Main.run(
        arguments,
        environment,
        new PrintStream(out, true, UTF_8),
        new PrintStream(err, true, UTF_8));
  }
}
