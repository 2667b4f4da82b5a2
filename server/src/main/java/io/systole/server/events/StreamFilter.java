// SPDX-License-Identifier: Apache-2.0
package io.systole.server.events;

import io.systole.protocol.model.InstanceInfo;
import io.systole.server.responsecache.CacheKey.CacheScope;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The scope of an event stream.
 *
 * @param scope neither {@code DELTA} nor {@code SINCE}
 * @param name as in {@link io.systole.server.responsecache.CacheKey}
 */
public record StreamFilter(CacheScope scope, String name) {
  boolean includes(InstanceInfo instance) {
    return switch (scope) {
      case APPLICATION -> instance.app().equals(name);
      case VIP -> contains(instance.vipAddress());
      case SECURE_VIP -> contains(instance.secureVipAddress());
      case FULL, DELTA, SINCE -> true;
    };
  }

  /** Returns whether an instance may enter or leave the scope while it stays registered. */
  boolean isDynamic() {
    return scope == CacheScope.VIP || scope == CacheScope.SECURE_VIP;
  }

  /** One element of the list must match exactly (spec §1.3). */
  private boolean contains(@Nullable String names) {
    return names != null && Arrays.asList(names.split(",", -1)).contains(name);
  }
}
