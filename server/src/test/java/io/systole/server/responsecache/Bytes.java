// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import io.systole.server.route.BodySource;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.zip.GZIPInputStream;

/** The bytes of a representation, as a reader receives them. */
public final class Bytes {
  private Bytes() {}

  public static byte[] plain(CachedRepresentation representation) {
    return all(representation.openPlain(), 1_000);
  }

  static byte[] gzip(CachedRepresentation representation) {
    return all(representation.openGzip(), 777);
  }

  static byte[] all(BodySource source, int chunk) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] buffer = new byte[chunk + 2];
    try (source) {
      for (int count = source.read(buffer, 1, chunk);
          count >= 0;
          count = source.read(buffer, 1, chunk)) {
        out.write(buffer, 1, count);
      }
    }
    return out.toByteArray();
  }

  static byte[] unzipped(byte[] gzip) {
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(gzip))) {
      return in.readAllBytes();
    } catch (IOException broken) {
      throw new UncheckedIOException("not a gzip member", broken);
    }
  }
}
