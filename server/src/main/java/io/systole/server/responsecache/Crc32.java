// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

/** Combination of CRC-32 checksums: the CRC of a concatenation from those of its parts. */
final class Crc32 {
  /*
   * A text is a polynomial over GF(2), its first bit the highest power; its CRC is the remainder of a
   * division by P. Appending B to A multiplies A by x^(8 |B|) and adds B:
   *
   *     crc(AB) = crc(A) * x^(8 |B|) + crc(B)   mod P
   *
   * The constants that CRC-32 adds before and after (all ones) cancel out, as in zlib's
   * crc32_combine. The factor depends only on the length and is itself a product: appending BC
   * multiplies by the factors of B and of C. A remainder of 32 bits is reflected, as in RFC 1952 §8:
   * bit 31 is the coefficient of x^0.
   */

  /** P without x^32, reflected. */
  private static final int POLYNOMIAL = 0xEDB88320;

  /** x^0: the factor of an empty text. */
  static final int ONE = 1 << 31;

  /** x^(8 * 2^i), for each bit of a length. */
  private static final int[] FACTORS = factors();

  private Crc32() {}

  private static int[] factors() {
    int[] factors = new int[Long.SIZE - 1];
    factors[0] = ONE >>> 8;
    for (int i = 1; i < factors.length; i++) {
      factors[i] = times(factors[i - 1], factors[i - 1]);
    }
    return factors;
  }

  /**
   * Returns the factor by which the CRC of a text is multiplied when another text is appended.
   *
   * @param length of the appended text, bytes
   */
  static int factor(long length) {
    int factor = ONE;
    for (long rest = length; rest != 0; rest &= rest - 1) {
      factor = times(FACTORS[Long.numberOfTrailingZeros(rest)], factor);
    }
    return factor;
  }

  /** Returns the product mod P. Free of data-dependent branches, which would be mispredicted. */
  static int times(int one, int other) {
    int product = 0;
    int multiple = other;
    for (int bits = one; bits != 0; bits <<= 1) {
      product ^= multiple & (bits >> 31);
      multiple = (multiple >>> 1) ^ (POLYNOMIAL & -(multiple & 1));
    }
    return product;
  }
}
