// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** A parser of the Retry-After field: seconds, or a date (RFC 9110 §10.2.3). */
final class RetryAfter {
  /** The result for an invalid field. */
  static final long INVALID = -1;

  /** Bounded against overflow; any such delay is effectively infinite. */
  private static final Pattern SECONDS = Pattern.compile("[0-9]{1,12}");

  private static final int OBSOLETE_YEAR_BASE = 1970;

  /** The three date formats that a recipient must accept (RFC 9110 §5.6.7). */
  private static final List<DateTimeFormatter> DATES = List.of(
      DateTimeFormatter.RFC_1123_DATE_TIME,
      new DateTimeFormatterBuilder()
          .appendPattern("EEEE, dd-MMM-")
          .appendValueReduced(ChronoField.YEAR, 2, 2, OBSOLETE_YEAR_BASE)
          .appendPattern(" HH:mm:ss 'GMT'")
          .toFormatter(Locale.US)
          .withZone(ZoneOffset.UTC),
      DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.US).withZone(ZoneOffset.UTC));

  private RetryAfter() {}

  /**
   * Returns the delay in milliseconds, 0 or more, or {@link #INVALID}.
   *
   * @param wallMs current epoch ms, to which a date is compared
   */
  static long ms(String value, long wallMs) {
    if (SECONDS.matcher(value).matches()) {
      return TimeUnit.SECONDS.toMillis(Long.parseLong(value));
    }
    for (DateTimeFormatter date : DATES) {
      try {
        return Math.max(0, date.parse(value, Instant::from).toEpochMilli() - wallMs);
      } catch (DateTimeException e) {
        // Not this format.
      }
    }
    return INVALID;
  }
}
