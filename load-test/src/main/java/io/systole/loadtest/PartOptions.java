// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import io.systole.loadtest.runner.Workload;
import java.time.DateTimeException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The share of one generator in a load that several generators produce together. */
final class PartOptions {
  private static final class Start implements ITypeConverter<Instant> {
    @Override
    public Instant convert(String text) {
      try {
        return text.matches("\\d{1,12}")
            ? Instant.ofEpochSecond(Long.parseLong(text))
            : Instant.parse(text);
      } catch (DateTimeException e) {
        throw new TypeConversionException(
            "expected an instant such as 2026-11-21T12:00:00Z or epoch seconds, got '" + text
                + "'");
      }
    }
  }

  @Option(
      names = "--start-at",
      converter = Start.class,
      paramLabel = "INSTANT",
      description = "Start of the measurement window, e.g. 2026-11-21T12:00:00Z or epoch seconds."
          + " Default: after the warm-up.")
  private @Nullable Instant startAt;

  @Option(
      names = "--first",
      defaultValue = "0",
      paramLabel = "N",
      description = "Number of the first instance; gives each of several generators a fleet of its"
          + " own. With --instances at most 10000000. Default: ${DEFAULT-VALUE}.")
  private int first;

  /**
   * Builds this generator's part of a workload.
   *
   * @throws IllegalArgumentException if the start is in the past or leaves no time for the warm-up,
   *     or if an option is out of range
   */
  Workload build(Workload.Builder builder) {
    Workload workload = builder.part(first, startAt).build();
    Instant now = Instant.now();
    if (startAt != null && startAt.isBefore(now.plusMillis(workload.warmupMs()))) {
      throw new IllegalArgumentException("--start-at=" + startAt
          + (startAt.isAfter(now) ? " leaves no time for the warm-up" : " is in the past"));
    }
    return workload;
  }
}
