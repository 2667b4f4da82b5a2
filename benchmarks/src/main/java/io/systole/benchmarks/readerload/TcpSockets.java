// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readerload;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The kernel's table of TCP connections. The server's own sockets show at once which connections it
 * has closed; a slow reader would detect that only after reading the bytes that the kernel has
 * buffered for it.
 */
final class TcpSockets {
  private static final String ESTABLISHED = "01";
  private static final int LOCAL = 1;
  private static final int STATE = 3;

  private TcpSockets() {}

  /**
   * Returns the number of established connections whose local port is {@code port}, over IPv4 and
   * IPv6.
   */
  static long establishedCount(int port) throws IOException {
    long established = 0;
    for (String table : new String[] {"tcp", "tcp6"}) {
      Path file = Path.of("/proc/net", table);
      if (Files.exists(file)) {
        try (Stream<String> lines = Files.lines(file)) {
          established += establishedCount(lines, port);
        }
      }
    }
    return established;
  }

  /** Counts them in the lines of one table, of which the first is the heading. */
  static long establishedCount(Stream<String> lines, int port) {
    String suffix = String.format(Locale.ROOT, ":%04X", port);
    return lines
        .skip(1)
        .map(line -> line.strip().split("\\s+", STATE + 2))
        .filter(fields -> fields[LOCAL].endsWith(suffix) && fields[STATE].equals(ESTABLISHED))
        .count();
  }
}
