// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

/**
 * What an operator may set about the registry.
 *
 * @param leasesMax how many leases may stand at once, at least 1
 * @param syncWhenTimestampDiffers whether a renewal compares dirty timestamps (spec §2.2 row 3)
 */
public record RegistrySettings(int leasesMax, boolean syncWhenTimestampDiffers) {}
