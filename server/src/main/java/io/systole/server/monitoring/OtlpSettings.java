// SPDX-License-Identifier: Apache-2.0
package io.systole.server.monitoring;

import java.net.URI;

/**
 * The export of metrics to a receiver of OTLP.
 *
 * @param url an {@code http} or {@code https} URL, used as it is; its user info is sent as Basic
 *     credentials
 * @param intervalSecs the time between exports, 1..3600
 */
public record OtlpSettings(URI url, int intervalSecs) {
  /** Returns the URL without its user info. */
  URI address() {
    String authority = url.getRawAuthority();
    String host = authority.substring(authority.lastIndexOf('@') + 1);
    return URI.create(
        url.getScheme() + "://" + host + (url.getRawPath() == null ? "" : url.getRawPath()));
  }

  /** Returns a text without credentials. */
  @Override
  public String toString() {
    return address() + " every " + intervalSecs + " s";
  }
}
