// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import java.security.SecureRandom;

/**
 * A hash function of lease keys that multiplies words in pairs and folds the products. The secrets
 * are random in each process, so that clients cannot construct colliding ids.
 */
final class KeyHash {
  private static final long[] SECRETS = secrets();
  private static final long S0 = SECRETS[0];
  private static final long S1 = SECRETS[1];
  private static final long S2 = SECRETS[2];
  private static final long S3 = SECRETS[3];
  private static final long S4 = SECRETS[4];
  private static final long S5 = SECRETS[5];
  private static final long S6 = SECRETS[6];
  private static final long S7 = SECRETS[7];

  private KeyHash() {}

  /** Returns the hash of a key whose other fields are set. */
  static int of(LeaseKey key) {
    // The three products are independent, so the CPU computes them in parallel.
    long words = fold(key.w0 ^ S0, key.w1 ^ S1)
        ^ fold(key.w2 ^ S2, key.w3 ^ S3)
        ^ fold(key.w4 ^ S4, key.w5 ^ S5);
    long rest = key.length <= LeaseKey.WORD_BYTES_MAX ? key.length : ofRest(key);
    return (int) fold(words ^ S6, rest ^ S7);
  }

  private static long ofRest(LeaseKey key) {
    long state = key.length;
    int end = key.restFrom + key.restLength();
    for (int at = key.restFrom; at < end; at++) {
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
}
