// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import io.systole.protocol.codec.Form;
import io.systole.protocol.codec.Codec.RootElement;

/**
 * Names an answer that is made ahead.
 *
 * @param name of the application, upper case, or the virtual name, or a version in decimal digits;
 *     empty where the extent has none
 */
public record CacheKey(CacheScope extent, String name, DocumentFormat format, Form form) {
  /** How much of the registry is shown. */
  public enum CacheScope {
    /** Everything. */
    FULL,
    /** What changed of late. */
    DELTA,
    /** What changed after a version, which stands in the place of the name. */
    SINCE,
    /** One application. */
    APPLICATION,
    /** All instances behind a virtual name. */
    VIP,
    /** All instances behind a secure virtual name. */
    SECURE_VIP;

    /** Whether there are many of it, told apart by a name. */
    boolean isNamed() {
      return this != FULL && this != DELTA;
    }

    /** Whether it is a copy of the whole registry, or leads from one to the next. */
    public boolean isOfRegistry() {
      return this == FULL || this == DELTA || this == SINCE;
    }
  }

  /** Names an answer that there is one of. */
  public static CacheKey of(CacheScope extent, DocumentFormat format, Form form) {
    return new CacheKey(extent, "", format, form);
  }

  BlockEncoding encoding() {
    RootElement root =
        extent == CacheScope.APPLICATION ? RootElement.APPLICATION : RootElement.APPLICATIONS;
    return BlockEncoding.of(format, form, root);
  }
}
