// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cli;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The program {@code stty} on the terminal of the process; Java has no access to its modes. */
final class Stty {
  private static final TerminalSize DEFAULT = new TerminalSize(80, 24);
  private static final Pattern SIZE = Pattern.compile("([1-9][0-9]{0,3}) ([1-9][0-9]{0,3})");
  private static final Pattern SAVED = Pattern.compile("[0-9a-zA-Z:=,.-]+");
  private static final int OUTPUT_BYTES_MAX = 4096;
  private static final int TIMEOUT_SECONDS = 5;

  private Stty() {}

  /** Returns the size of the terminal, or a default if it is unknown. */
  static TerminalSize size() {
    Matcher size = SIZE.matcher(run("size"));
    return size.matches()
        ? new TerminalSize(Integer.parseInt(size.group(2)), Integer.parseInt(size.group(1)))
        : DEFAULT;
  }

  /**
   * Makes each key available at once, without echo; Ctrl-C remains a signal.
   *
   * @return restores the former modes
   */
  static Runnable unbuffered() {
    String saved = run("-g");
    if (!SAVED.matcher(saved).matches()) {
      return () -> {};
    }
    run("-icanon", "-echo", "min", "1");
    return () -> run(saved);
  }

  /** Returns the output, empty if the program fails. */
  private static String run(String... arguments) {
    List<String> command = new ArrayList<>(List.of("stty"));
    command.addAll(List.of(arguments));
    try {
      Process process = new ProcessBuilder(command)
          .redirectInput(new File("/dev/tty"))
          .redirectError(ProcessBuilder.Redirect.DISCARD)
          .start();
      byte[] output = process.getInputStream().readNBytes(OUTPUT_BYTES_MAX);
      if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return "";
      }
      return new String(output, StandardCharsets.US_ASCII).strip();
    } catch (IOException absent) {
      return "";
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return "";
    }
  }
}
