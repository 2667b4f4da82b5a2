// SPDX-License-Identifier: Apache-2.0
package io.systole.server.events;

import io.systole.protocol.model.InstanceInfo;
import io.systole.server.view.ViewKey.Extent;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Which instances a stream tells of.
 *
 * @param extent not a delta
 * @param name as in {@link io.systole.server.view.ViewKey}
 */
public record Scope(Extent extent, String name) {
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
    return extent == Extent.VIP || extent == Extent.SECURE_VIP;
  }

  /** One element of the list must match exactly (spec §1.3). */
  private boolean isAmong(@Nullable String names) {
    return names != null && Arrays.asList(names.split(",", -1)).contains(name);
  }
}
