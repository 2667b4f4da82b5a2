// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cli;

/** The number of characters in a line of a terminal, and of its lines. */
record TerminalSize(int columns, int rows) {
  /** That of a file or a pipe. */
  static final TerminalSize UNLIMITED = new TerminalSize(Integer.MAX_VALUE, Integer.MAX_VALUE);
}
