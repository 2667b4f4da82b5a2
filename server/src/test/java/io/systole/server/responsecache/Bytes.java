// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.zip.GZIPInputStream;

/** An answer's bytes, as they reach a reader. */
public final class Bytes {
  private Bytes() {}

  public static byte[] plain(CachedRepresentation view) {
    return all(view.openPlain(), 1_000);
  }

  static byte[] gzip(CachedRepresentation view) {
    return all(view.openGzip(), 777);
  }

  static byte[] all(RepresentationSource pass, int chunk) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] buffer = new byte[chunk + 2];
    try (pass) {
      for (int count = pass.read(buffer, 1, chunk);
          count >= 0;
          count = pass.read(buffer, 1, chunk)) {
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
