// SPDX-License-Identifier: Apache-2.0
package io.systole.server.view;

import io.systole.protocol.codec.Form;
import io.systole.protocol.codec.Root;

/**
 * Names an answer that is made ahead.
 *
 * @param name of the application, upper case, or the virtual name, or a version in decimal digits;
 *     empty where the extent has none
 */
public record ViewKey(Extent extent, String name, Language language, Form form) {
  /** How much of the registry is shown. */
  public enum Extent {
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
  public static ViewKey of(Extent extent, Language language, Form form) {
    return new ViewKey(extent, "", language, form);
  }

  Style style() {
    Root root = extent == Extent.APPLICATION ? Root.APPLICATION : Root.APPLICATIONS;
    return Style.of(language, form, root);
  }
}
