// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

/**
 * What an operator may set about the life of a lease.
 *
 * @param isStrict whether a renewal gives one duration and is shown at its true time, where stock
 *     servers give two and show it one duration late (spec §9 no. 1 and 2)
 * @param expectedClients how many clients are expected before the first has come (spec §3.5)
 * @param tombstoneMs how long an instance that went is not brought back by a registration written
 *     before; 0 for not at all
 * @param tombstonesMax how many such instances are remembered at most
 */
public record LeaseRules(
    boolean isStrict, int expectedClients, long tombstoneMs, int tombstonesMax) {
  /** As stock servers, and Spring's in what they expect. */
  public static final LeaseRules STOCK = new LeaseRules(false, 1, 0, 10_000);
}
