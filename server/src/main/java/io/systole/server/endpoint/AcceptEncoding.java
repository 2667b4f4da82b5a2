// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The {@code Accept-Encoding} header field (RFC 9110 §12.5.3). */
final class AcceptEncoding {
  private AcceptEncoding() {}

  /**
   * Returns whether a response may be compressed with gzip. An explicit {@code gzip} takes
   * precedence over {@code *}; a weight of 0 excludes it. Without the field nothing is compressed:
   * every client accepts identity.
   */
  static boolean allowsGzip(@Nullable String header) {
    if (header == null) {
      return false;
    }
    boolean allowsAny = false;
    for (String member : header.toLowerCase(Locale.ROOT).split(",", -1)) {
      String[] parts = member.split(";", -1);
      String coding = parts[0].strip();
      boolean isAllowed = parts.length < 2 || !isZero(parts[1].strip());
      if (coding.equals("gzip") || coding.equals("x-gzip")) {
        return isAllowed;
      }
      allowsAny |= coding.equals("*") && isAllowed;
    }
    return allowsAny;
  }

  /** Returns whether the weight is {@code q=0}, with up to three decimals. */
  private static boolean isZero(String weight) {
    return weight.matches("q=0(\\.0{0,3})?");
  }
}
