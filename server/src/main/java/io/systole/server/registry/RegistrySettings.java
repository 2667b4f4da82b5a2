// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

/**
 * The settings of the registry.
 *
 * @param leasesMax the maximum number of leases, at least 1
 * @param syncWhenTimestampDiffers whether a renewal compares dirty timestamps (spec §2.2 row 3)
 * @param deltaRetentionMs how long deltas contain a change
 * @param deltaChangesMax the maximum number of changes retained for deltas
 * @param bytes the memory limits of documents and changes
 */
public record RegistrySettings(
    int leasesMax,
    boolean syncWhenTimestampDiffers,
    long deltaRetentionMs,
    int deltaChangesMax,
    LeaseRules rules,
    ByteBounds bytes) {

  /** Returns a copy with the number of leases and the memory limits of other settings. */
  RegistrySettings withLimits(RegistrySettings other) {
    return new RegistrySettings(
        other.leasesMax,
        syncWhenTimestampDiffers,
        deltaRetentionMs,
        deltaChangesMax,
        rules,
        other.bytes);
  }

  /** Settings without memory limits. */
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

  /** Settings without memory limits, with the leases of stock servers. */
  public RegistrySettings(
      int leasesMax, boolean syncWhenTimestampDiffers, long deltaRetentionMs, int deltaChangesMax) {
    this(leasesMax, syncWhenTimestampDiffers, deltaRetentionMs, deltaChangesMax, LeaseRules.STOCK);
  }
}
