// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.ReportJson;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

/** Metadata, source addresses and delta readers, against a fake target. */
@Execution(ExecutionMode.CONCURRENT)
class SizingTest {
  private static final int FAILED = 1;
  private static final int USAGE_ERROR = 2;

  private final CommandLineCase cli = new CommandLineCase();

  @TempDir
  private Path folder;

  private int run(FakeTarget target, String... more) {
    List<String> arguments = new ArrayList<>(List.of(
        "run",
        "--target=" + target.url(),
        "--instances=1000",
        "--interval=5s",
        "--warmup=0",
        "--duration=600ms",
        "--lag-max=60000",
        "--json=" + folder.resolve("run.json")));
    arguments.addAll(List.of(more));
    return cli.execute(arguments.toArray(String[]::new));
  }

  private Report report() throws IOException {
    return ReportJson.read(Files.readString(folder.resolve("run.json")));
  }

  @Test
  void run_metadataBytes_growsRegistrations() throws IOException {
    try (FakeTarget plain = new FakeTarget(FakeTarget.Behavior.RENEWS);
        FakeTarget target = new FakeTarget(FakeTarget.Behavior.RENEWS)) {
      cli.assertPassed(run(plain));
      cli.assertPassed(run(target, "--metadata-bytes=5000"));

      assertThat(target.bodyBytesMax() - plain.bodyBytesMax()).isBetween(5_000, 5_050);
    }
    assertThat(report().conditions().traffic()).endsWith(", metadata +5000 bytes");
  }

  @Test
  void run_sources_areUsedRoundRobin() throws IOException {
    try (FakeTarget target = new FakeTarget(FakeTarget.Behavior.RENEWS)) {
      cli.assertPassed(
          run(target, "--connections=4", "--loops=2", "--sources=127.0.0.2-3,127.0.0.9"));

      assertThat(target.sources()).containsExactlyInAnyOrder("127.0.0.2", "127.0.0.3", "127.0.0.9");
    }
    assertThat(report().conditions().traffic()).endsWith(", 3 sources");
  }

  @Test
  void run_deltaReaders_areReported() throws IOException {
    try (FakeTarget target = new FakeTarget(FakeTarget.Behavior.RENEWS)) {
      target.deltaStatus(200);

      cli.assertPassed(run(target, "--delta-readers=100", "--delta-interval=5s"));

      Report.Reads reads = Objects.requireNonNull(report().reads());
      assertThat(reads.due()).isPositive();
      assertThat(reads.statuses()).containsOnlyKeys("200");
      assertThat(reads.bytes()).isEqualTo(2 * reads.due());
      assertThat(target.deltaReads()).isGreaterThanOrEqualTo((int) reads.due());
    }
    assertThat(cli.out()).containsPattern("reads +\\d+ due by 100 clients every 5\\.0 s");
    assertThat(report().conditions().traffic()).endsWith(", 100 delta readers every 5.0 s");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--errors=0", "--p99=5s"})
  void run_readThatFails_failsWhateverTheObjective(String objective) throws IOException {
    try (FakeTarget target = new FakeTarget(FakeTarget.Behavior.RENEWS)) {
      target.deltaStatus(503);

      assertThat(run(target, "--delta-readers=100", "--delta-interval=5s", objective))
          .isEqualTo(FAILED);
    }
    assertThat(cli.out()).containsPattern("\\d+ of \\d+ reads failed: \\{503=\\d+}");
  }

  @ParameterizedTest
  @CsvSource({"200,0,HELD", "503,1,FAILED"})
  void capacity_deltaReaders_decideTheTrial(int status, int exitCode, String outcome)
      throws IOException {
    try (FakeTarget target = new FakeTarget(FakeTarget.Behavior.RENEWS)) {
      target.deltaStatus(status);

      int code = cli.execute(
          "capacity",
          "--target=" + target.url(),
          "--instances=500",
          "--from=50",
          "--to=50",
          "--step=300ms",
          "--warmup=0",
          "--confirm=0",
          "--p99=5s",
          "--lag-max=60000",
          "--delta-readers=100",
          "--delta-interval=5s");

      if (!cli.isGeneratorLate()) {
        assertThat(code).as("%s%s", cli.out(), cli.err()).isEqualTo(exitCode);
        assertThat(cli.out()).contains(outcome);
      }
    }
    assertThat(cli.out()).contains("reads ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--metadata-bytes=1000001",
        "--metadata-bytes=-1",
        "--delta-readers=100001",
        "--delta-interval=9ms",
        "--connections=65537",
        "--sources=localhost",
        "--first=10000000",
        // Was "-1 is not within ...".
        "--interval=1000h",
        "--interval=99999999999h"
      })
  void run_optionOutOfRange_isUsageError(String option) {
    int code = cli.execute("run", "--target=http://127.0.0.1:9/v2", "--instances=1", option);

    assertThat(code).isEqualTo(USAGE_ERROR);
    assertThat(cli.err()).contains(option.substring(0, option.indexOf('=')));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "127.0.0.2,", "127.0.0.3-2", "127.0.0.256", "127.0.0.250-256", "a:b"})
  void convert_noAddresses_areRefused(String text) {
    assertThatThrownBy(() -> new Sources.Converter().convert(text))
        .isInstanceOf(TypeConversionException.class);
  }

  @Test
  void convert_addressesAndRanges_areInOrder() {
    assertThat(new Sources.Converter().convert("127.0.0.9, 127.0.0.2-4,::1").addresses())
        .extracting(InetAddress::getHostAddress)
        .containsExactly("127.0.0.9", "127.0.0.2", "127.0.0.3", "127.0.0.4", "0:0:0:0:0:0:0:1");
  }
}
