// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readcost;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A request for the registry: resource, format and coding.
 *
 * @param resource after the prefix, {@code apps} or {@code apps/delta}
 */
record Fetch(String resource, Language language, boolean isGzipped) {
  /** Format of the response. */
  enum Language {
    JSON,
    XML
  }

  static final Fetch FULL = new Fetch("apps", Language.JSON, true);
  static final Fetch FULL_IDENTITY = new Fetch("apps", Language.JSON, false);
  static final Fetch DELTA = new Fetch("apps/delta", Language.JSON, true);

  /** The full registry in each format, compressed and not. */
  static final List<Fetch> FULL_FORMS = List.of(
      FULL,
      FULL_IDENTITY,
      new Fetch("apps", Language.XML, true),
      new Fetch("apps", Language.XML, false));

  /**
   * Returns the number of instances among which changed ones are chosen: all for full responses,
   * but few for deltas. Otherwise faster servers, which are changed more often, would have longer
   * deltas.
   */
  int changingMax() {
    return isFull() ? Integer.MAX_VALUE : 20;
  }

  private boolean isFull() {
    return resource.equals("apps");
  }

  /** Returns the prefix of its figures' names. */
  String label() {
    String extent = isFull() ? "full" : "delta";
    return extent + '-' + language.name().toLowerCase(Locale.ROOT) + (isGzipped ? "-gzip" : "");
  }

  /**
   * Returns the request.
   *
   * @param etag for {@code If-None-Match}, or null
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
