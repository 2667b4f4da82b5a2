// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

/**
 * What an operator may set about the registry.
 *
 * @param leasesMax how many leases may stand at once, at least 1
 * @param syncWhenTimestampDiffers whether a renewal compares dirty timestamps (spec §2.2 row 3)
 * @param deltaRetentionMs how long a change is told in deltas
 * @param deltaChangesMax how many changes deltas tell at most
 * @param bytes how many bytes documents and changes may take
 */
public record RegistrySettings(
    int leasesMax,
    boolean syncWhenTimestampDiffers,
    long deltaRetentionMs,
    int deltaChangesMax,
    LeaseRules rules,
    ByteBounds bytes) {

  /** Without bounds in bytes. */
  public RegistrySettings(
      int leasesMax,
      boolean syncWhenTimestampDiffers,
      long deltaRetentionMs,
      int deltaChangesMax,
      LeaseRules rules) {
    this(
        leasesMax,
        syncWhenTimestampDiffers,
        deltaRetentionMs,
        deltaChangesMax,
        rules,
        ByteBounds.NONE);
  }

  /** The same with leases as stock servers have them. */
  public RegistrySettings(
      int leasesMax, boolean syncWhenTimestampDiffers, long deltaRetentionMs, int deltaChangesMax) {
    this(leasesMax, syncWhenTimestampDiffers, deltaRetentionMs, deltaChangesMax, LeaseRules.STOCK);
  }
}
