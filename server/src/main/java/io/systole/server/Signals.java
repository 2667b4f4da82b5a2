// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The handlers of the signals that the process receives. */
final class Signals {
  private static final Logger LOG = LoggerFactory.getLogger(Signals.class);

  /** Added to the signal's number, the exit code that shells report for a killed process. */
  private static final int STATUS_BASE = 128;

  private static final int INTERRUPT = 2;
  private static final int TERMINATE = 15;

  private static final Path PROCESS_STATUS = Path.of("/proc/self/status");
  private static final String IGNORED_SIGNALS = "SigIgn:";
  private static final int HEXADECIMAL = 16;

  /** Of signal 1 in masks, whose lowest bit is that signal. */
  private static final long HANGUP_BIT = 1;

  private Signals() {}

  /**
   * Halts the process on every SIGINT or SIGTERM from now on. By default the JVM ignores signals
   * once its shutdown has begun.
   */
  static void haltOnTermination() {
    handle("INT", () -> Runtime.getRuntime().halt(STATUS_BASE + INTERRUPT));
    handle("TERM", () -> Runtime.getRuntime().halt(STATUS_BASE + TERMINATE));
  }

  /**
   * Passes the name of a SIGINT or SIGTERM to a listener before the process exits, as it does by
   * default.
   */
  static void onTermination(Consumer<String> listener) {
    Map.of("INT", INTERRUPT, "TERM", TERMINATE)
        .forEach((name, number) -> handle(name, () -> {
          listener.accept("SIG" + name);
          System.exit(STATUS_BASE + number);
        }));
  }

  /**
   * Runs an action on every SIGHUP, on a thread of the JVM, instead of stopping. A JVM that was
   * started with SIGHUP ignored keeps ignoring it.
   */
  static void onHangup(Runnable action) {
    if (isHangupIgnored(PROCESS_STATUS)) {
      LOG.warn("SIGHUP is ignored, as under nohup, so it will not reload the configuration;"
          + " start the node by a service manager or with setsid instead");
    }
    handle("HUP", action);
  }

  /** Returns whether SIGHUP is ignored by a status file of Linux (proc(5)); false without one. */
  static boolean isHangupIgnored(Path status) {
    try (Stream<String> lines = Files.lines(status)) {
      return lines
          .filter(line -> line.startsWith(IGNORED_SIGNALS))
          .map(line -> line.substring(IGNORED_SIGNALS.length()).strip())
          .anyMatch(mask -> (Long.parseUnsignedLong(mask, HEXADECIMAL) & HANGUP_BIT) != 0);
    } catch (IOException | UncheckedIOException | NumberFormatException unknown) {
      return false;
    }
  }

  /**
   * Installs a handler by reflection, since the type is outside of Java SE. A runtime without it,
   * or with {@code -Xrs}, keeps the default behaviour.
   */
  private static void handle(String name, Runnable action) {
    InvocationHandler run = (proxy, method, arguments) -> {
      action.run();
      return proxy;
    };
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object onSignal =
          Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[] {handler}, run);
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), onSignal);
    } catch (ReflectiveOperationException unavailable) {
      LOG.debug("SIG{} keeps its default behaviour", name, unavailable);
    }
  }
}
