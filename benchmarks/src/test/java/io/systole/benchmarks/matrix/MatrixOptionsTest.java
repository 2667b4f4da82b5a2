// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.matrix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParameterException;

final class MatrixOptionsTest {
  private static final CPrograms PROGRAMS =
      new CPrograms(Path.of("generator"), Path.of("responder"));

  private static final class Parsed {
    @Mixin
    private final MatrixOptions options = new MatrixOptions();
  }

  private static MatrixOptions parse(String... arguments) {
    return CommandLine.populateCommand(new Parsed(), arguments).options;
  }

  @Test
  void warmupSecs_stockServer_isLongEnoughForItsCompilers() {
    assertThat(MatrixServer.STOCK.warmupSecs(3)).isEqualTo(20);
    assertThat(MatrixServer.STOCK.warmupSecs(30)).isEqualTo(30);
    assertThat(MatrixServer.SYSTOLE.warmupSecs(3)).isEqualTo(3);
  }

  @Test
  void parseArgs_defaults_areThoseOfTheFigures() {
    MatrixOptions options = parse();

    assertThat(options.cells())
        .hasSize(12)
        .contains(
            new MatrixCell(MatrixCell.Mode.SATURATED, 1_024, 64),
            new MatrixCell(MatrixCell.Mode.PACED, 10_000, 100_000));
    assertThat(options.servers()).hasSize(6).doesNotContain(MatrixServer.STOCK);
    assertThat(options.instances(MatrixServer.SYSTOLE)).isEqualTo(10_000);
    assertThat(options.instances(MatrixServer.SYSTOLE_LARGE)).isEqualTo(1_000_000);
  }

  @Test
  void parseArgs_selection_isThatOfServersAndCells() {
    MatrixOptions options =
        parse("--servers=constant,systole-large", "--stock", "--cells=paced:64x5000");

    assertThat(options.servers())
        .containsExactly(MatrixServer.CONSTANT, MatrixServer.SYSTOLE_LARGE, MatrixServer.STOCK);
    assertThat(options.cells()).extracting(MatrixCell::label).containsExactly("paced:64x5000");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"--cells=paced:64", "--cells=burst:64x1", "--cells=paced:100000x1", "--servers=x"})
  void parseArgs_unknownCellOrServer_isRefused(String argument) {
    assertThatThrownBy(() -> parse(argument)).isInstanceOf(ParameterException.class);
  }

  @Test
  void command_oneLoop_isThatOfEachServer() {
    Path root = Path.of("/checkout");

    assertThat(MatrixServer.RESPONDER.command(root, PROGRAMS, 81, 1))
        .containsExactly("responder", "81");
    assertThat(MatrixServer.CONSTANT.command(root, PROGRAMS, 81, 1))
        .contains("-XX:ActiveProcessorCount=1", "-Xmx200m");
    assertThat(MatrixServer.SYSTOLE.command(root, PROGRAMS, 81, 1))
        .containsSequence("--loops", "1");
    assertThat(MatrixServer.REDIS.command(root, PROGRAMS, 81, 1))
        .containsSequence("--port", "81")
        .containsSequence("--save", "", "--appendonly", "no");
  }

  @Test
  void supports_stock_onlySmallLoads() {
    assertThat(parse().cells())
        .filteredOn(MatrixServer.STOCK::supports)
        .extracting(MatrixCell::label)
        .containsExactly("saturated:64x1", "saturated:64x16", "paced:64x5000");
    assertThat(parse().cells()).allMatch(MatrixServer.SYSTOLE::supports);
  }
}
