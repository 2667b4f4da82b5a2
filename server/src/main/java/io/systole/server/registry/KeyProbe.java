// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.InstanceKey;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A key being looked for, reused from one look-up to the next. It points at the bytes of a request;
 * only an application in lower case is copied, to be folded. Used by one thread at a time, and only
 * until the bytes it points at change.
 */
public final class KeyProbe extends LeaseKey {
  private static final byte[] NONE = {};

  private byte[] folded = NONE;

  /** A probe that points nowhere yet. */
  public KeyProbe() {
    super(NONE, 0, 0, 0, 0);
  }

  /** A probe for one look-up of a key that was decoded already. */
  public static KeyProbe of(InstanceKey key) {
    byte[] app = key.app().getBytes(StandardCharsets.UTF_8);
    byte[] id = key.id().getBytes(StandardCharsets.UTF_8);
    byte[] bytes = Arrays.copyOf(app, app.length + 1 + id.length);
    bytes[app.length] = '/';
    System.arraycopy(id, 0, bytes, app.length + 1, id.length);
    KeyProbe probe = new KeyProbe();
    probe.point(bytes, 0, bytes.length, app.length);
    return probe;
  }

  /**
   * Points at {@code APP/id} as it stands in a request's path.
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
    int length = to - from;
    if (folded.length < length) {
      folded = new byte[Integer.highestOneBit(length) * 2];
    }
    System.arraycopy(bytes, from, folded, 0, length);
    for (int i = 0; i < slash - from; i++) {
      if (isLowerCase(folded[i])) {
        folded[i] = (byte) (folded[i] - ('a' - 'A'));
      }
    }
    point(folded, 0, length, slash - from);
  }

  private void point(byte[] bytes, int from, int length, int appLength) {
    this.bytes = bytes;
    this.from = from;
    this.length = length;
    this.appLength = appLength;
    this.hash = KeyHash.of(bytes, from, length);
  }

  private static boolean isLowerCase(byte b) {
    return b >= 'a' && b <= 'z';
  }

  /** The bytes pointed at, as an array of their own. */
  byte[] copyOfBytes() {
    return Arrays.copyOfRange(bytes, from, from + length);
  }
}
