// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.matrix;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A kind of load.
 *
 * @param load if saturated, the requests in flight on each connection; if paced, the heartbeats per
 *     second on all connections
 */
record MatrixCell(Mode mode, int connections, int load) {
  private static final Pattern LABEL = Pattern.compile("(saturated|paced):(\\d{1,5})x(\\d{1,7})");

  enum Mode {
    SATURATED,
    /** Each heartbeat alone, at the time at which it is due. */
    PACED;

    /** Returns the name in options, and of the generator's mode. */
    String label() {
      return name().toLowerCase(Locale.ROOT);
    }

    boolean isPaced() {
      return this == PACED;
    }
  }

  /** Returns the name in options, such as {@code paced:64x30000}. */
  String label() {
    return mode.label() + ":" + connections + "x" + load;
  }

  /** Returns the mode of the generator and its arguments. */
  List<String> generatorArguments(int seconds) {
    return List.of(
        mode.label(),
        Integer.toString(connections),
        Integer.toString(load),
        Integer.toString(seconds));
  }

  /** Converts a label to a cell. */
  static final class ByLabel implements ITypeConverter<MatrixCell> {
    @Override
    public MatrixCell convert(String label) {
      Matcher parts = LABEL.matcher(label);
      if (!parts.matches()) {
        throw new TypeConversionException(
            "expected saturated:CONNECTIONSxIN_FLIGHT or paced:CONNECTIONSxPER_SECOND, got "
                + label);
      }
      return new MatrixCell(
          Mode.valueOf(parts.group(1).toUpperCase(Locale.ROOT)),
          Integer.parseInt(parts.group(2)),
          Integer.parseInt(parts.group(3)));
    }
  }
}
