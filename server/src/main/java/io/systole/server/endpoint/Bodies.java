// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.server.route.Request;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** Bodies of requests, unpacked within a bound: a small one must not become a large one. */
public final class Bodies {
  private final int bytesMax;

  /** @param bytesMax bytes of a body once it is unpacked */
  public Bodies(int bytesMax) {
    this.bytesMax = bytesMax;
  }

  /**
   * The body without its {@code Content-Encoding}: none or gzip (spec §1.5).
   *
   * @return null when it is coded otherwise, broken, or longer than allowed
   */
  byte @Nullable [] plain(Request request) {
    String coding = request.header("content-encoding");
    if (coding == null || coding.equalsIgnoreCase("identity")) {
      return request.body();
    }
    if (!coding.equalsIgnoreCase("gzip") && !coding.equalsIgnoreCase("x-gzip")) {
      return null;
    }
    try (GZIPInputStream gzip = new GZIPInputStream(new ByteArrayInputStream(request.body()))) {
      byte[] plain = gzip.readNBytes(bytesMax + 1);
      return plain.length <= bytesMax ? plain : null;
    } catch (IOException broken) {
      return null;
    }
  }
}
