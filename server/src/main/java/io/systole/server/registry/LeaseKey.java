// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import java.util.Arrays;

/**
 * The identity of a lease as bytes: {@code APP/id} in UTF-8, the application in upper case. Stored
 * keys ({@link Lease}) and lookup keys ({@link LookupKey}) are equal to each other, so a lease is
 * found from the bytes of a request without allocation.
 *
 * <p>The first 48 bytes are fields of the key, as six words padded with zeros. Most keys are no
 * longer, and comparing them reads the two objects only.
 */
abstract class LeaseKey {
  static final int WORD_BYTES_MAX = 6 * Long.BYTES;

  long w0;
  long w1;
  long w2;
  long w3;
  long w4;
  long w5;

  /** The array of the bytes after the words; for a lookup key, the array of the request. */
  byte[] rest;

  int restFrom;

  /** Bytes of the whole key. */
  int length;

  /** Bytes of the application; distinguishes {@code A/B + C} from {@code A + B/C}. */
  int appLength;

  int hash;

  LeaseKey(byte[] rest) {
    this.rest = rest;
  }

  final int restLength() {
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
        restFrom,
        restFrom + restLength(),
        that.rest,
        that.restFrom,
        that.restFrom + that.restLength());
  }
}
