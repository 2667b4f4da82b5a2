// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What {@code Accept-Encoding} allows (RFC 9110 §12.5.3). */
final class AcceptEncoding {
  private AcceptEncoding() {}

  /**
   * Whether an answer may be sent gzipped. An explicit {@code gzip} decides over {@code *}; a
   * weight of 0 means no. Without the header nothing is compressed: identity is safe for every
   * client.
   */
  static boolean includeGzip(@Nullable String header) {
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

  /** {@code q=0}, with up to three more zeros. */
  private static boolean isZero(String weight) {
    return weight.matches("q=0(\\.0{0,3})?");
  }
}
