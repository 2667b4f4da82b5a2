// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import io.systole.loadtest.runner.Workload;
import java.time.DateTimeException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The part of one of several generators that drive a load together. */
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
            "expected an instant such as 2026-11-21T12:00:00Z, or seconds since 1970, got '" + text
                + "'");
      }
    }
  }

  @Option(
      names = "--start-at",
      converter = Start.class,
      paramLabel = "INSTANT",
      description = "When the measurement window begins, e.g. 2026-11-21T12:00:00Z or seconds since"
          + " 1970; as soon as all is ready unless given.")
  private @Nullable Instant startAt;

  @Option(
      names = "--first",
      defaultValue = "0",
      paramLabel = "N",
      description = "Number of the first instance, so that the fleets of several generators do not"
          + " overlap; with --instances at most 10000000; ${DEFAULT-VALUE} unless given.")
  private int first;

  /** @throws IllegalArgumentException when the start is too near for the warm-up, or past */
  Workload of(Workload workload) {
    Instant now = Instant.now();
    if (startAt != null && startAt.isBefore(now.plusMillis(workload.warmupMs()))) {
      throw new IllegalArgumentException("--start-at=" + startAt
          + (startAt.isAfter(now) ? " leaves no time for the warm-up" : " is past"));
    }
    return workload.asPart(first, startAt);
  }
}
