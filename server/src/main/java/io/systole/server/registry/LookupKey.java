// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.InstanceKey;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A reusable key for lookups, which refers to the bytes of a request. Only a key whose application
 * has lower-case letters is copied, to be folded. Not thread-safe; valid until the bytes change.
 */
public final class LookupKey extends LeaseKey {
  private static final byte[] NONE = {};

  private byte[] folded = NONE;

  /** Creates a key that is set by {@link #aim} before use. */
  public LookupKey() {
    super(NONE);
  }

  /** Returns a key for one lookup of a decoded key. */
  public static LookupKey of(InstanceKey key) {
    byte[] app = key.app().getBytes(StandardCharsets.UTF_8);
    byte[] id = key.id().getBytes(StandardCharsets.UTF_8);
    byte[] bytes = Arrays.copyOf(app, app.length + 1 + id.length);
    bytes[app.length] = '/';
    System.arraycopy(id, 0, bytes, app.length + 1, id.length);
    LookupKey probe = new LookupKey();
    probe.point(bytes, 0, bytes.length, app.length);
    return probe;
  }

  /**
   * Sets this key to {@code APP/id} in a request's path.
   *
   * @param bytes ASCII, not percent-encoded; not copied
   * @param from index of the application's first byte
   * @param slash index of the slash between application and id
   * @param to index after the id's last byte
   */
  public void aim(byte[] bytes, int from, int slash, int to) {
    for (int i = from; i < slash; i++) {
      if (isLowerCase(bytes[i])) {
        aimFolded(bytes, from, slash, to);
        return;
      }
    }
    point(bytes, from, to - from, slash - from);
  }

  private void aimFolded(byte[] bytes, int from, int slash, int to) {
    int size = to - from;
    if (folded.length < size) {
      folded = new byte[Integer.highestOneBit(size) * 2];
    }
    System.arraycopy(bytes, from, folded, 0, size);
    for (int i = 0; i < slash - from; i++) {
      if (isLowerCase(folded[i])) {
        folded[i] = (byte) (folded[i] - ('a' - 'A'));
      }
    }
    point(folded, 0, size, slash - from);
  }

  private void point(byte[] bytes, int from, int size, int appSize) {
    w0 = word(bytes, from, size);
    w1 = word(bytes, from + 8, size - 8);
    w2 = word(bytes, from + 16, size - 16);
    w3 = word(bytes, from + 24, size - 24);
    w4 = word(bytes, from + 32, size - 32);
    w5 = word(bytes, from + 40, size - 40);
    rest = bytes;
    restFrom = from + WORD_BYTES_MAX;
    length = size;
    appLength = appSize;
    hash = hashOf(this);
  }

  private static boolean isLowerCase(byte b) {
    return b >= 'a' && b <= 'z';
  }

  /** Returns a copy of the bytes after the words. */
  byte[] copyOfRest() {
    int size = restLength();
    return size == 0 ? NONE : Arrays.copyOfRange(rest, restFrom, restFrom + size);
  }
}
