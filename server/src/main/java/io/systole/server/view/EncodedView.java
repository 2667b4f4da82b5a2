// SPDX-License-Identifier: Apache-2.0
package io.systole.server.view;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** One answer as bytes, and the same compressed once somebody asks for it. Any thread may call. */
public final class EncodedView {
  private final byte[] plain;
  private byte @Nullable [] gzipped;

  EncodedView(byte[] plain) {
    this.plain = plain;
  }

  /** Not to be changed. */
  public byte[] plain() {
    return plain;
  }

  /** One gzip member; not to be changed. */
  public synchronized byte[] gzipped() {
    byte[] made = gzipped;
    if (made == null) {
      made = gzip(plain);
      gzipped = made;
    }
    return made;
  }

  private static byte[] gzip(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length / 8 + 64);
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    } catch (IOException impossible) {
      throw new UncheckedIOException("memory can't fail to be written to", impossible);
    }
    return out.toByteArray();
  }
}
