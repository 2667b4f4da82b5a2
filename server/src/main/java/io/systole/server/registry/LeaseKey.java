// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.InstanceKey;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;

/**
 * The identity of a lease as bytes: {@code APP/id} in UTF-8, the application in upper case. Stored
 * keys ({@link Lease}) and lookup keys ({@link LookupKey}) are equal to each other, so a lease is
 * found from the bytes of a request without allocation.
 *
 * <p>The first 48 bytes are fields of the key, as six words padded with zeros. Most keys are no
 * longer, and comparing them reads the two objects only.
 */
public abstract class LeaseKey {
  /*
   * The hash multiplies words in pairs and folds the products. Its secrets are random in each
   * process, so that clients cannot construct colliding ids.
   */

  private static final int WORD_BYTES_MAX = 6 * Long.BYTES;
  private static final byte[] NONE = {};

  private static final VarHandle WORD =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final long[] SECRETS = secrets();
  private static final long S0 = SECRETS[0];
  private static final long S1 = SECRETS[1];
  private static final long S2 = SECRETS[2];
  private static final long S3 = SECRETS[3];
  private static final long S4 = SECRETS[4];
  private static final long S5 = SECRETS[5];
  private static final long S6 = SECRETS[6];
  private static final long S7 = SECRETS[7];

  long w0;
  long w1;
  long w2;
  long w3;
  long w4;
  long w5;

  /** The array of the bytes after the words; for a lookup key, the array of the request. */
  byte[] rest;

  /** Bytes of the whole key. */
  int length;

  /** Bytes of the application; distinguishes {@code A/B + C} from {@code A + B/C}. */
  int appLength;

  int hash;

  private LeaseKey() {
    rest = NONE;
  }

  /** Creates a copy that does not refer to the bytes of a request. */
  LeaseKey(LeaseKey key) {
    w0 = key.w0;
    w1 = key.w1;
    w2 = key.w2;
    w3 = key.w3;
    w4 = key.w4;
    w5 = key.w5;
    rest = key.copyOfRest();
    length = key.length;
    appLength = key.appLength;
    hash = key.hash;
  }

  private byte[] copyOfRest() {
    int size = restLength();
    return size == 0 ? NONE : Arrays.copyOfRange(rest, restFrom(), restFrom() + size);
  }

  /** Returns the index of the first byte after the words in {@code rest}. */
  int restFrom() {
    return 0;
  }

  private int restLength() {
    return Math.max(0, length - WORD_BYTES_MAX);
  }

  @Override
  public final int hashCode() {
    return hash;
  }

  @Override
  public final boolean equals(Object other) {
    return other instanceof LeaseKey that
        && hash == that.hash
        && length == that.length
        && appLength == that.appLength
        && hasWordsOf(that)
        && (length <= WORD_BYTES_MAX || hasRestOf(that));
  }

  private boolean hasWordsOf(LeaseKey that) {
    return ((w0 ^ that.w0)
            | (w1 ^ that.w1)
            | (w2 ^ that.w2)
            | (w3 ^ that.w3)
            | (w4 ^ that.w4)
            | (w5 ^ that.w5))
        == 0;
  }

  private boolean hasRestOf(LeaseKey that) {
    return Arrays.equals(
        rest,
        restFrom(),
        restFrom() + restLength(),
        that.rest,
        that.restFrom(),
        that.restFrom() + that.restLength());
  }

  /** Returns up to eight bytes as a word, padded with zeros beyond {@code left}. */
  private static long word(byte[] bytes, int at, int left) {
    if (left >= Long.BYTES) {
      return (long) WORD.get(bytes, at);
    }
    if (left <= 0) {
      return 0;
    }
    if (at + Long.BYTES <= bytes.length) {
      return (long) WORD.get(bytes, at) & (-1L >>> (Long.SIZE - left * Byte.SIZE));
    }
    long word = 0;
    for (int i = at + left - 1; i >= at; i--) {
      word = (word << Byte.SIZE) | (bytes[i] & 0xFF);
    }
    return word;
  }

  /** Returns the hash of a key whose other fields are set. */
  private static int hashOf(LeaseKey key) {
    // The three products are independent, so the CPU computes them in parallel.
    long words = fold(key.w0 ^ S0, key.w1 ^ S1)
        ^ fold(key.w2 ^ S2, key.w3 ^ S3)
        ^ fold(key.w4 ^ S4, key.w5 ^ S5);
    long rest = key.length <= WORD_BYTES_MAX ? key.length : hashOfRest(key);
    return (int) fold(words ^ S6, rest ^ S7);
  }

  private static long hashOfRest(LeaseKey key) {
    long state = key.length;
    int end = key.restFrom() + key.restLength();
    for (int at = key.restFrom(); at < end; at++) {
      state = fold(state ^ S5, key.rest[at] ^ S6);
    }
    return state;
  }

  private static long fold(long a, long b) {
    return (a * b) ^ Math.multiplyHigh(a, b);
  }

  private static long[] secrets() {
    return new SecureRandom().longs(8).map(secret -> secret | 1).toArray();
  }

  /**
   * A reusable key for lookups, which refers to the bytes of a request. A key is copied only if its
   * application has lower-case letters, which are folded, or if its parts are not adjacent. Not
   * thread-safe; valid until the bytes change.
   */
  public static final class LookupKey extends LeaseKey {
    private byte[] copy = NONE;
    private int restFrom;

    /** Creates a key that is set by {@link #aim} before use. */
    public LookupKey() {}

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

    @Override
    int restFrom() {
      return restFrom;
    }

    private void point(byte[] bytes, int from, int size, int appSize) {
      w0 = word(bytes, from, size);
      w1 = word(bytes, from + 8, size - 8);
      w2 = word(bytes, from + 16, size - 16);
      w3 = word(bytes, from + 24, size - 24);
      w4 = word(bytes, from + 32, size - 32);
      w5 = word(bytes, from + 40, size - 40);
      if (rest != bytes) {
        // Usually it is the same array, and collectors attach work to the store of a reference.
        rest = bytes;
      }
      restFrom = from + WORD_BYTES_MAX;
      length = size;
      appLength = appSize;
      hash = hashOf(this);
    }

    private static boolean isLowerCase(byte b) {
      return b >= 'a' && b <= 'z';
    }
  }
}
