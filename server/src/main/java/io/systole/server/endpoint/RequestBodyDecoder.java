// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.server.route.Request;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A decoder of request bodies, with a limit on the decompressed size. */
public final class RequestBodyDecoder {
  private volatile int bytesMax;

  /**
   * Creates a decoder.
   *
   * @param bytesMax limit on the decompressed size, bytes
   */
  public RequestBodyDecoder(int bytesMax) {
    this.bytesMax = bytesMax;
  }

  /** Replaces the limit. Any thread may call. */
  public void limit(int nextBytesMax) {
    bytesMax = nextBytesMax;
  }

  /**
   * Returns the decoded body. {@code Content-Encoding} may be identity or gzip of one member (spec
   * §1.5).
   *
   * @return null if the coding is unsupported, or the body malformed
   * @throws BodyTooLargeException if the decompressed body exceeds the limit
   */
  byte @Nullable [] decode(Request request) throws BodyTooLargeException {
    String coding = request.header("content-encoding");
    if (coding == null || coding.equalsIgnoreCase("identity")) {
      return request.body();
    }
    if (!coding.equalsIgnoreCase("gzip") && !coding.equalsIgnoreCase("x-gzip")) {
      return null;
    }
    return request.body().length == 0 ? null : gunzip(request.body());
  }

  private byte @Nullable [] gunzip(byte[] compressed) throws BodyTooLargeException {
    byte[] plain;
    int max = bytesMax;
    try {
      plain = new GzipMember(compressed).inflate(max);
    } catch (IOException broken) {
      return null;
    }
    if (plain.length > max) {
      throw new BodyTooLargeException(max);
    }
    return plain;
  }

  /** Thrown when a body exceeds its size limit after decompression. */
  static final class BodyTooLargeException extends Exception {
    private static final long serialVersionUID = 1;

    BodyTooLargeException(int bytesMax) {
      super("body inflates to more than " + bytesMax + " bytes", null, false, false);
    }
  }
}
