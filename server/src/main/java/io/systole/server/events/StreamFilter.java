// SPDX-License-Identifier: Apache-2.0
package io.systole.server.events;

import io.systole.protocol.model.InstanceInfo;
import io.systole.server.responsecache.CacheKey.CacheScope;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Which instances a stream tells of.
 *
 * @param extent not a delta
 * @param name as in {@link io.systole.server.responsecache.CacheKey}
 */
public record StreamFilter(CacheScope extent, String name) {
  boolean includes(InstanceInfo instance) {
    return switch (extent) {
      case APPLICATION -> instance.app().equals(name);
      case VIP -> isAmong(instance.vipAddress());
      case SECURE_VIP -> isAmong(instance.secureVipAddress());
      case FULL, DELTA, SINCE -> true;
    };
  }

  /** Whether an instance may come in or go out of it while it stays registered. */
  boolean canBeLeft() {
    return extent == CacheScope.VIP || extent == CacheScope.SECURE_VIP;
  }

  /** One element of the list must match exactly (spec §1.3). */
  private boolean isAmong(@Nullable String names) {
    return names != null && Arrays.asList(names.split(",", -1)).contains(name);
  }
}
