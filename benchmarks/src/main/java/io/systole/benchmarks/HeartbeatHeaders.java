// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;

/** The rest of a heartbeat after its target: header blocks that real clients send. */
public enum HeartbeatHeaders {
  /** The Systole client: only what HTTP/1.1 requires. */
  LEAN(" HTTP/1.1\r\nHost: 127.0.0.1:8761\r\n\r\n"),

  /** The Java client of Spring Cloud with Jersey 3, without its two-byte body. */
  JERSEY("""
       HTTP/1.1\r
      Accept: application/json\r
      Content-Type: application/json\r
      DiscoveryIdentity-Name: Jersey3DefaultClient\r
      DiscoveryIdentity-Version: 1.4\r
      DiscoveryIdentity-Id: 192.0.2.2\r
      User-Agent: Jersey/4.0.0 (HttpUrlConnection 17.0.15)\r
      Host: 127.0.0.1:8761\r
      Connection: keep-alive\r
      Content-Length: 0\r
      \r
      """);

  private final String text;

  HeartbeatHeaders(String text) {
    this.text = text;
  }

  /** Returns the bytes from the space before the version to the empty line. */
  byte[] bytes() {
    return text.getBytes(US_ASCII);
  }
}
