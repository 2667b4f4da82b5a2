// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.servers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;

final class MeasurementRunnerTest {
  private final StringWriter err = new StringWriter();

  @Test
  void run_measured_returns0() {
    assertThat(run(() -> 0)).isZero();
  }

  @Test
  void run_ioException_printsOneLine() {
    int code = run(() -> {
      throw new IOException("no server at port 1");
    });

    assertThat(code).isEqualTo(1);
    assertThat(err.toString()).isEqualToNormalizingNewlines("some: no server at port 1\n");
  }

  @Test
  void run_runtimeException_printsStackTrace() {
    int code = run(() -> {
      throw new IllegalStateException("broken");
    });

    assertThat(code).isEqualTo(1);
    assertThat(err.toString()).contains("broken", "\tat ");
  }

  @Test
  void run_unknownOption_returns2() {
    assertThat(run(() -> 0, "--nothing-of-that-name")).isEqualTo(2);
  }

  private int run(Callable<Integer> measurement, String... arguments) {
    CommandLine commandLine = new CommandLine(new Some(measurement));
    return MeasurementRunner.run(commandLine.setErr(new PrintWriter(err, true)), arguments);
  }

  @Command(name = "some")
  private record Some(Callable<Integer> measurement) implements Callable<Integer> {
    @Override
    public Integer call() throws Exception {
      return measurement.call();
    }
  }
}
