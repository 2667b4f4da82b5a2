// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import io.systole.client.net.ServerAddress;
import io.systole.server.monitoring.OtlpSettings;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The options of the export of metrics, which is off by default. */
final class MetricsOptions {
  /**
   * The URL of a receiver of OTLP.
   *
   * @param url null for none
   */
  record OtlpUrl(@Nullable URI url) {
    private static final String ABSENT = "none";

    static @Nullable OtlpUrl parse(String text) {
      if (text.equals(ABSENT)) {
        return new OtlpUrl(null);
      }
      try {
        URI url = URI.create(text);
        ServerAddress.requireServiceUrl(url);
        return new OtlpUrl(url);
      } catch (IllegalArgumentException malformed) {
        return null;
      }
    }

    /** Returns the URL without credentials. */
    @Override
    public String toString() {
      return url == null ? ABSENT : Option.withoutCredentials(url.toString());
    }
  }

  static final Option<OtlpUrl> OTLP_URL = new Option<>(
      "metrics.otlp-url",
      "URL",
      new OtlpUrl(null),
      "a URL like http://host:4318/v1/metrics, or none",
      "receiver to which metrics are exported by OTLP, HTTP with protobuf",
      OtlpUrl::parse);

  static final Option<Integer> OTLP_INTERVAL =
      Option.seconds("metrics.otlp-interval", 60, 1, 3_600, "time between exports to --otlp-url");

  /** In the order of the documentation. */
  static final List<Option<?>> ALL = List.of(OTLP_URL, OTLP_INTERVAL);

  private MetricsOptions() {}

  /** Returns the settings of the export, or null for none. */
  static @Nullable OtlpSettings read(Settings settings) {
    URI url = settings.value(OTLP_URL).url();
    return url == null ? null : new OtlpSettings(url, settings.value(OTLP_INTERVAL));
  }
}
