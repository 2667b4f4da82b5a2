// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;

/** Only command lines that start no server. */
final class PeerCostCommandTest {
  private final StringWriter err = new StringWriter();
  private final CommandLine command =
      new CommandLine(new PeerCostCommand()).setErr(new PrintWriter(err));

  @Test
  void execute_unknownMeasurement_isUsageError() {
    int status = command.execute("--root=.", "--only=slow,fast");

    assertThat(status).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(err.toString()).contains("no measurement fast");
  }

  @Test
  void execute_unknownServer_isUsageError() {
    int status = command.execute("--root=.", "--servers=other");

    assertThat(status).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(err.toString()).contains("no server other");
  }

  @Test
  void execute_serverThatCannotReplicate_isUsageError() {
    int status = command.execute("--root=.", "--servers=systole,baseline");

    assertThat(status).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(err.toString()).contains("baseline");
  }

  @Test
  void execute_rateAboveItsLimit_isUsageError() {
    int status = command.execute("--root=.", "--instances=10", "--fast-beats-per-sec=201");

    assertThat(status).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(err.toString()).contains("20 per instance");
  }

  @Test
  void parseArgs_defaults_areThoseOfTheFigures() {
    Parsed parsed = CommandLine.populateCommand(new Parsed());

    assertThat(parsed.options.instances()).isEqualTo(10_000);
    assertThat(parsed.options.beatsPerSec()).isEqualTo(2_000);
    assertThat(parsed.options.scaleInstances()).isEqualTo(100_000);
  }

  private static final class Parsed {
    @Mixin
    private final PeersOptions options = new PeersOptions();
  }
}
