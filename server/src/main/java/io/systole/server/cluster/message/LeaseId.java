// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.message;

/**
 * The id of a lease, the same at all members.
 *
 * @param owner epoch of the member that allocated the number
 * @param number 0..2^31-1
 */
public record LeaseId(long owner, int number) {
  /** Creates an id. */
  public LeaseId {
    if (number < 0) {
      throw new IllegalArgumentException("number=" + number + " is negative");
    }
  }
}
