// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cli;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The whole screen of a terminal, redrawn in place until it is closed or the process ends, which
 * restores the terminal. Confined to one thread but for the shutdown hook, which may only close.
 */
final class Screen implements AutoCloseable {
  private static final String CLEAR = "\u001b[H\u001b[2J";

  /** Hides the cursor, and cuts lines at the right margin. */
  private static final String BEGIN = "\u001b[?25l\u001b[?7l" + CLEAR;

  private static final String END = "\u001b[?7h\u001b[?25h";
  private static final String HOME = "\u001b[H";
  private static final String CLEAR_LINE = "\u001b[K";
  private static final String CLEAR_BELOW = "\u001b[J";
  private static final long KEY_POLL_MS = 50;

  private final Terminal terminal;
  private final Runnable restoring;
  private final AtomicBoolean isClosed = new AtomicBoolean();
  private final Thread hook = new Thread(this::restore, "systole-terminal");

  private Screen(Terminal terminal) {
    this.terminal = terminal;
    restoring = terminal.unbuffered().get();
  }

  static Screen open(Terminal terminal) {
    Screen screen = new Screen(terminal);
    Runtime.getRuntime().addShutdownHook(screen.hook);
    terminal.out().print(BEGIN);
    return screen;
  }

  /** Replaces the content by escaped lines. */
  void show(List<String> lines) {
    StringBuilder frame = new StringBuilder(HOME);
    int rows = Math.min(lines.size(), terminal.size().get().rows());
    for (int i = 0; i < rows; i++) {
      frame.append(i == 0 ? "" : "\r\n").append(lines.get(i)).append(CLEAR_LINE);
    }
    terminal.out().print(frame.append(CLEAR_BELOW));
    terminal.out().flush();
  }

  /** Waits for a time and returns true as soon as the operator ends the display. */
  boolean isQuitWithin(long ms) {
    try {
      for (long waitedMs = 0; waitedMs < ms; waitedMs += KEY_POLL_MS) {
        while (terminal.in().available() > 0) {
          int key = terminal.in().read();
          if (key == 'q' || key == 'Q') {
            return true;
          }
        }
        Thread.sleep(KEY_POLL_MS);
      }
      return false;
    } catch (IOException closed) {
      return true;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  @Override
  public void close() {
    restore();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException ending) {
      // The process ends; the hook has nothing left to do.
    }
  }

  private void restore() {
    if (isClosed.compareAndSet(false, true)) {
      terminal.out().println(END);
      terminal.out().flush();
      restoring.run();
    }
  }
}
