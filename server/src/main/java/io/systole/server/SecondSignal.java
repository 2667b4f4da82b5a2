// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The signal handler during shutdown, which terminates the process. By default the JVM ignores
 * signals once its shutdown has begun.
 */
final class SecondSignal {
  private static final Logger LOG = LoggerFactory.getLogger(SecondSignal.class);

  /** Added to the signal's number, the exit code that shells report for a killed process. */
  private static final int STATUS_BASE = 128;

  private SecondSignal() {}

  /** Halts the process on every SIGINT or SIGTERM from now on. */
  static void haltOnSignal() {
    haltOn("INT", 2);
    haltOn("TERM", 15);
  }

  /**
   * Installs a handler by reflection, since the type is outside of Java SE. A runtime without it,
   * or with {@code -Xrs}, keeps the default behaviour.
   */
  private static void haltOn(String name, int number) {
    InvocationHandler halt = (proxy, method, arguments) -> {
      Runtime.getRuntime().halt(STATUS_BASE + number);
      return proxy;
    };
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object onSignal =
          Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[] {handler}, halt);
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), onSignal);
    } catch (ReflectiveOperationException unavailable) {
      LOG.debug("a second {} is ignored while the node stops", name, unavailable);
    }
  }
}
