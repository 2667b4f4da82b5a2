// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cli;

/** The failure of a command, with its exit code and a message for the operator. */
final class CommandException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** The node refused the request, or has no such instance or application. */
  private static final int REFUSED = 1;

  static final int USAGE = 2;

  /** There is no usable response. */
  private static final int UNREACHABLE = 3;

  private final int exitCode;

  private CommandException(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  static CommandException refused(String message) {
    return new CommandException(REFUSED, message);
  }

  static CommandException usage(String message) {
    return new CommandException(USAGE, message);
  }

  static CommandException unreachable(String message) {
    return new CommandException(UNREACHABLE, message);
  }

  int exitCode() {
    return exitCode;
  }

  boolean isUnreachable() {
    return exitCode == UNREACHABLE;
  }
}
