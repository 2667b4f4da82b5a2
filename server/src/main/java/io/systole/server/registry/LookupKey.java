// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.InstanceKey;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A reusable key for lookups, which refers to the bytes of a request. A key is copied only if its
 * application has lower-case letters, which are folded, or if its parts are not adjacent. Not
 * thread-safe; valid until the bytes change.
 */
public final class LookupKey extends LeaseKey {
  private static final byte[] NONE = {};

  private byte[] copy = NONE;

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
        aim(bytes, from, slash, slash + 1, to);
        return;
      }
    }
    point(bytes, from, to - from, slash - from);
  }

  /**
   * Sets this key to an application and an id that need not be adjacent.
   *
   * @param bytes ASCII, without escapes; copied
   * @param appFrom index of the application's first byte
   * @param appTo index after the application's last byte
   * @param idFrom index of the id's first byte
   * @param idTo index after the id's last byte
   */
  public void aim(byte[] bytes, int appFrom, int appTo, int idFrom, int idTo) {
    int appSize = appTo - appFrom;
    int idSize = idTo - idFrom;
    int size = appSize + 1 + idSize;
    if (copy.length < size) {
      copy = new byte[Integer.highestOneBit(size) * 2];
    }
    for (int i = 0; i < appSize; i++) {
      byte b = bytes[appFrom + i];
      copy[i] = isLowerCase(b) ? (byte) (b - ('a' - 'A')) : b;
    }
    copy[appSize] = '/';
    System.arraycopy(bytes, idFrom, copy, appSize + 1, idSize);
    point(copy, 0, size, appSize);
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
