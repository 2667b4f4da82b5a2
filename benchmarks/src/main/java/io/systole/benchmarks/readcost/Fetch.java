// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readcost;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What is asked for, and how.
 *
 * @param resource behind the prefix, {@code apps} or {@code apps/delta}
 */
record Fetch(String resource, Language language, boolean isGzipped) {
  /** In which an answer is written. */
  enum Language {
    JSON,
    XML
  }

  static final Fetch FULL = new Fetch("apps", Language.JSON, true);
  static final Fetch FULL_IDENTITY = new Fetch("apps", Language.JSON, false);
  static final Fetch DELTA = new Fetch("apps/delta", Language.JSON, true);

  /** Everything, in each language, compressed and not. */
  static final List<Fetch> FULL_FORMS = List.of(
      FULL,
      FULL_IDENTITY,
      new Fetch("apps", Language.XML, true),
      new Fetch("apps", Language.XML, false));

  /**
   * Among how many instances the changed ones are chosen: any for a full answer; but few for
   * deltas, or a quick server, which is changed more often, would have longer deltas to tell.
   */
  int changingMax() {
    return isFull() ? Integer.MAX_VALUE : 20;
  }

  private boolean isFull() {
    return resource.equals("apps");
  }

  /** As figures are named. */
  String label() {
    String extent = isFull() ? "full" : "delta";
    return extent + '-' + language.name().toLowerCase(Locale.ROOT) + (isGzipped ? "-gzip" : "");
  }

  /**
   * The whole request.
   *
   * @param etag of the answer that the asker has already; null when it has none
   */
  byte[] request(String prefix, @Nullable String etag) {
    return ("GET " + prefix + "/" + resource + " HTTP/1.1\r\nHost: localhost\r\n"
            + "Accept: application/" + language.name().toLowerCase(Locale.ROOT) + "\r\n"
            + "Accept-Encoding: " + (isGzipped ? "gzip" : "identity") + "\r\n"
            + (etag == null ? "" : "If-None-Match: " + etag + "\r\n")
            + "\r\n")
        .getBytes(US_ASCII);
  }
}
