// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.server.route.Request;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** Bodies of requests, unpacked within a bound: a small one must not become a large one. */
public final class Bodies {
  /** What follows the packed bytes of a gzip member: checksum and length (RFC 1952 §2.3.1). */
  private static final int TRAILER_BYTES = 8;

  private final int bytesMax;

  /** @param bytesMax bytes of a body once it is unpacked */
  public Bodies(int bytesMax) {
    this.bytesMax = bytesMax;
  }

  /**
   * The body without its {@code Content-Encoding}: none or gzip (spec §1.5).
   *
   * @return null when it is coded otherwise, broken, followed by something, or longer than allowed
   */
  byte @Nullable [] plain(Request request) {
    String coding = request.header("content-encoding");
    if (coding == null || coding.equalsIgnoreCase("identity")) {
      return request.body();
    }
    if (!coding.equalsIgnoreCase("gzip") && !coding.equalsIgnoreCase("x-gzip")) {
      return null;
    }
    return request.body().length == 0 ? null : unpacked(request.body());
  }

  private byte @Nullable [] unpacked(byte[] packed) {
    try (Unpacking gzip = new Unpacking(packed)) {
      byte[] plain = gzip.readNBytes(bytesMax + 1);
      return plain.length <= bytesMax && gzip.isAtEnd() ? plain : null;
    } catch (IOException broken) {
      return null;
    }
  }

  /** Sees all bytes at once, so that it can tell what follows the last member; the JDK hides it. */
  private static final class Unpacking extends GZIPInputStream {
    Unpacking(byte[] packed) throws IOException {
      super(new ByteArrayInputStream(packed), packed.length);
    }

    boolean isAtEnd() {
      return inf.finished() && inf.getRemaining() == TRAILER_BYTES;
    }
  }
}
