// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import java.util.Arrays;

/**
 * Names a lease by bytes: {@code APP/id} in UTF-8, the application in upper case. Stored keys
 * ({@link Lease}) and the probes that look them up ({@link KeyProbe}) compare by the same rule, so
 * a key can be found from the bytes of a request without making an object of it.
 */
abstract class LeaseKey {
  /** Where the key's bytes are. A probe points into somebody else's array. */
  byte[] bytes;

  int from;
  int length;

  /** Length of the application's part; tells {@code A/B + C} from {@code A + B/C}. */
  int appLength;

  int hash;

  LeaseKey(byte[] bytes, int from, int length, int appLength, int hash) {
    this.bytes = bytes;
    this.from = from;
    this.length = length;
    this.appLength = appLength;
    this.hash = hash;
  }

  @Override
  public final int hashCode() {
    return hash;
  }

  @Override
  public final boolean equals(Object other) {
    return other instanceof LeaseKey that
        && hash == that.hash
        && appLength == that.appLength
        && Arrays.equals(
            bytes, from, from + length, that.bytes, that.from, that.from + that.length);
  }
}
