// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.server.route.Request;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Bodies of requests, unpacked within a bound: a small one must not become a large one. */
public final class RequestBodyDecoder {
  private final int bytesMax;

  /** @param bytesMax bytes of a body once it is unpacked */
  public RequestBodyDecoder(int bytesMax) {
    this.bytesMax = bytesMax;
  }

  /**
   * The body without its {@code Content-Encoding}: none or gzip of one member (spec §1.5).
   *
   * @return null when it is coded otherwise, broken, or followed by something
   * @throws BodyTooLargeException when it is longer than allowed once it is unpacked
   */
  byte @Nullable [] plain(Request request) throws BodyTooLargeException {
    String coding = request.header("content-encoding");
    if (coding == null || coding.equalsIgnoreCase("identity")) {
      return request.body();
    }
    if (!coding.equalsIgnoreCase("gzip") && !coding.equalsIgnoreCase("x-gzip")) {
      return null;
    }
    return request.body().length == 0 ? null : unpacked(request.body());
  }

  private byte @Nullable [] unpacked(byte[] packed) throws BodyTooLargeException {
    byte[] plain;
    try {
      plain = new GzipMember(packed).inflate(bytesMax);
    } catch (IOException broken) {
      return null;
    }
    if (plain.length > bytesMax) {
      throw new BodyTooLargeException(bytesMax);
    }
    return plain;
  }
}
