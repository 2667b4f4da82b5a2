// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readerload;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * How many connections a server still holds, as the kernel sees it. A reader that hardly reads
 * learns of the end of its connection only when it has read what the kernel kept for it; the
 * server's own sockets tell at once.
 */
final class TcpSockets {
  private static final String ESTABLISHED = "01";
  private static final int LOCAL = 1;
  private static final int STATE = 3;

  private TcpSockets() {}

  /** Established connections whose own end is {@code port}, over IPv4 and IPv6. */
  static long held(int port) throws IOException {
    long held = 0;
    for (String table : new String[] {"tcp", "tcp6"}) {
      Path file = Path.of("/proc/net", table);
      if (Files.exists(file)) {
        try (Stream<String> lines = Files.lines(file)) {
          held += held(lines, port);
        }
      }
    }
    return held;
  }

  /** Of the lines of such a table; the first is its heading. */
  static long held(Stream<String> lines, int port) {
    String suffix = String.format(Locale.ROOT, ":%04X", port);
    return lines
        .skip(1)
        .map(line -> line.strip().split("\\s+", STATE + 2))
        .filter(fields -> fields[LOCAL].endsWith(suffix) && fields[STATE].equals(ESTABLISHED))
        .count();
  }
}
