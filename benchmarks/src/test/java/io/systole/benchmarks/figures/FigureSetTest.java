// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.figures;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.benchmarks.matrix.MatrixCommand;
import io.systole.benchmarks.servers.CompareServersCommand;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

final class FigureSetTest {
  @ParameterizedTest
  @CsvSource({"LIVE,false,3", "LIVE,true,2", "TLS,false,5", "TLS,true,5"})
  void arguments_wholeServers_areAcceptedByTheCommand(
      FigureSet set, boolean isShort, int expectedServers) {
    List<String> arguments = new ArrayList<>(List.of("--root", "."));
    arguments.addAll(set.arguments(isShort));

    CommandLine.ParseResult parsed =
        new CommandLine(new CompareServersCommand()).parseArgs(arguments.toArray(new String[0]));

    assertThat(parsed.commandSpec().findOption("--servers").<List<?>>getValue())
        .hasSize(expectedServers);
  }

  @ParameterizedTest
  @CsvSource({"false,12", "true,5"})
  void arguments_matrix_areAcceptedByTheCommand(boolean isShort, int expectedCells) {
    List<String> arguments = new ArrayList<>(List.of("--root", "."));
    arguments.addAll(FigureSet.MATRIX.arguments(isShort));

    CommandLine.ParseResult parsed =
        new CommandLine(new MatrixCommand()).parseArgs(arguments.toArray(new String[0]));

    assertThat(parsed.commandSpec().findOption("--cells").<List<?>>getValue())
        .hasSize(expectedCells);
  }
}
