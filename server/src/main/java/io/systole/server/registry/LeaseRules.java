// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

/**
 * The settings of lease durations.
 *
 * @param isStrict whether a renewal extends the lease by one duration and is shown at its true
 *     time; stock servers extend by two and show it one duration late (spec §9 no. 1 and 2)
 * @param expectedClients the number of clients expected at startup (spec §3.5)
 * @param tombstoneMs how long a removed instance rejects registrations older than its removal; 0
 *     for never
 * @param tombstonesMax the maximum number of tombstones
 */
public record LeaseRules(
    boolean isStrict, int expectedClients, long tombstoneMs, int tombstonesMax) {
  /** The behavior of stock servers, with the expected clients of Spring's. */
  public static final LeaseRules STOCK = new LeaseRules(false, 1, 0, 10_000);
}
