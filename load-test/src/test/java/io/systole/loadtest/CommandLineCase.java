// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/** A command line with captured output. */
final class CommandLineCase {
  private static final String FELL_BEHIND = "the load generator fell behind";
  private static final String LIMITED = "the generator is the limit";

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  int execute(String... arguments) {
    CommandLine commandLine = LoadTest.commandLine();
    commandLine.setOut(new PrintWriter(out, true));
    commandLine.setErr(new PrintWriter(err, true));
    return commandLine.execute(arguments);
  }

  /**
   * Asserts that a run passed, or would have if the machine had let the generator keep up.
   *
   * @param code exit code of the last run
   */
  void assertPassed(int code) {
    if (isGeneratorLate()) {
      assertThat(code).as("%s%s", out, err).isIn(0, CommandRunner.FAILED);
    } else {
      assertThat(code).as("%s%s", out, err).isZero();
    }
  }

  /** Returns whether the generator of any run did not keep up, as on a busy machine. */
  boolean isGeneratorLate() {
    return out().contains(FELL_BEHIND) || out().contains(LIMITED);
  }

  String out() {
    return out.toString();
  }

  String err() {
    return err.toString();
  }
}
