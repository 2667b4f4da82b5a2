// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cli;

import io.systole.protocol.model.EscapedText;
import java.io.ByteArrayOutputStream;
import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The streams of a command and the terminal that they lead to, if any. For one thread.
 *
 * @param isInteractive whether an operator can be asked
 * @param size the current size
 * @param unbuffered makes input available without a line break; returns a task that restores the
 *     mode
 */
record Terminal(
    boolean isInteractive,
    Supplier<TerminalSize> size,
    Supplier<Runnable> unbuffered,
    InputStream in,
    PrintStream out,
    PrintStream err) {

  private static final int ANSWER_BYTES_MAX = 64;

  /** Returns the terminal of the process. */
  static Terminal ofProcess(Map<String, String> environment, PrintStream out, PrintStream err) {
    boolean isInteractive = hasConsole();
    return new Terminal(
        isInteractive,
        () -> size(environment.getOrDefault("COLUMNS", ""), isInteractive),
        Stty::unbuffered,
        System.in,
        out,
        err);
  }

  @SuppressWarnings("SystemConsoleNull") // Null on Java 17 to 21, and again from 25.
  private static boolean hasConsole() {
    Console console = System.console();
    if (console == null) {
      return false;
    }
    try {
      // Since Java 22 there may be a console without a terminal, and this method.
      return (Boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (ReflectiveOperationException absent) {
      return true;
    }
  }

  private static TerminalSize size(String columns, boolean isInteractive) {
    TerminalSize size = isInteractive ? Stty.size() : TerminalSize.UNLIMITED;
    return columns.matches("[1-9][0-9]{0,3}")
        ? new TerminalSize(Integer.parseInt(columns), size.rows())
        : size;
  }

  int columns() {
    return size.get().columns();
  }

  /** Prints lines that are already escaped. */
  void print(List<String> lines) {
    lines.forEach(out::println);
  }

  /** Prints a message on the error stream. */
  void warn(String message) {
    err.println("systole: " + EscapedText.line(message));
  }

  /** Returns whether the operator agrees. */
  boolean confirms(String question) {
    err.print(EscapedText.line(question) + " [y/N] ");
    err.flush();
    String answer = readAnswer().strip();
    return answer.equalsIgnoreCase("y") || answer.equalsIgnoreCase("yes");
  }

  private String readAnswer() {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    try {
      for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
        if (line.size() == ANSWER_BYTES_MAX) {
          return "";
        }
        line.write(next);
      }
    } catch (IOException unreadable) {
      return "";
    }
    return line.toString(StandardCharsets.UTF_8);
  }
}
