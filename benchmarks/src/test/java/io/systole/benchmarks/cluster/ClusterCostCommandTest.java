// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;

/** Only command lines that start no server. */
final class ClusterCostCommandTest {
  private static final class Parsed {
    @Mixin
    private final ClusterSizes sizes = new ClusterSizes();
  }

  @Test
  void execute_tooFewMembers_isUsageError() {
    StringWriter err = new StringWriter();
    CommandLine command = new CommandLine(new ClusterCostCommand()).setErr(new PrintWriter(err));

    int status = command.execute("--root=.", "--members=3,2");

    assertThat(status).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(err.toString()).contains("expected 3..60, got 2");
  }

  @Test
  void parseArgs_defaults_areThoseOfTheFigures() {
    Parsed parsed = CommandLine.populateCommand(new Parsed());

    assertThat(parsed.sizes.instances()).isEqualTo(1_000_000);
    assertThat(parsed.sizes.members()).containsExactly(3, 5, 9);
    assertThat(parsed.sizes.renewalsPerSec()).isBetween(33_333.0, 33_334.0);
  }
}
