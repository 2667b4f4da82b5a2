// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

/** A source of bytes in an array. */
final class ByteArraySource implements RepresentationSource {
  private final byte[] bytes;
  private int at;

  ByteArraySource(byte[] bytes) {
    this.bytes = bytes;
  }

  @Override
  public int read(byte[] into, int from, int length) {
    int left = bytes.length - at;
    if (left == 0) {
      return -1;
    }
    int count = Math.min(left, length);
    System.arraycopy(bytes, at, into, from, count);
    at += count;
    return count;
  }

  @Override
  public void close() {
    // Nothing to release.
  }
}
