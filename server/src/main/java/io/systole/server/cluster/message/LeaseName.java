// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.message;

/**
 * The name of a lease at all members.
 *
 * @param owner epoch of the member that gave the number
 * @param number 0..2^31-1
 */
public record LeaseName(long owner, int number) {
  /** Creates a name. */
  public LeaseName {
    if (number < 0) {
      throw new IllegalArgumentException("number=" + number + " is negative");
    }
  }
}
