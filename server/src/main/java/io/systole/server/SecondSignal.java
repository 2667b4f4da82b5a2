// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of a process that is told to stop while it is stopping. The JVM alone ignores signals
 * once its shutdown has begun.
 */
final class SecondSignal {
  private static final Logger LOG = LoggerFactory.getLogger(SecondSignal.class);

  /** What shells report for a process that a signal has ended: this and the signal's number. */
  private static final int STATUS_BASE = 128;

  private SecondSignal() {}

  /** Ends the process at once when SIGINT or SIGTERM comes from now on. */
  static void halts() {
    haltOn("INT", 2);
    haltOn("TERM", 15);
  }

  /**
   * By reflection, since the type is outside of Java SE: a runtime without it keeps the JVM's own
   * behaviour, and so does one that leaves signals to its embedder ({@code -Xrs}).
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
