// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import io.systole.protocol.codec.Codec.RootElement;
import io.systole.protocol.codec.Form;
import java.util.Comparator;

/**
 * The key of a cached representation. The order lets hash maps search bins of names that clients
 * chose for their equal hash codes.
 *
 * @param scope part of the registry
 * @param name of the application in upper case, or of the VIP, or a version in decimal digits;
 *     empty where the scope has none
 */
public record CacheKey(CacheScope scope, String name, DocumentFormat format, Form form)
    implements Comparable<CacheKey> {
  private static final Comparator<CacheKey> ORDER = Comparator.comparing(CacheKey::name)
      .thenComparing(CacheKey::scope)
      .thenComparing(CacheKey::format)
      .thenComparing(CacheKey::form);

  /** The part of a registry that a representation shows. */
  public enum CacheScope {
    /** All instances. */
    FULL,
    /** The recent changes. */
    DELTA,
    /** The changes after a version, which is the name. */
    SINCE,
    /** One application. */
    APPLICATION,
    /** The instances of a VIP address. */
    VIP,
    /** The instances of a secure VIP address. */
    SECURE_VIP;

    /** Returns whether its representations are distinguished by name. */
    boolean isNamed() {
      return this != FULL && this != DELTA;
    }

    /** Returns whether its encoding may take long and not be divided. */
    boolean isUndivided() {
      return this == SINCE || this == VIP || this == SECURE_VIP;
    }

    /** Returns whether it is the full registry or a change of it. */
    public boolean isOfRegistry() {
      return this == FULL || this == DELTA || this == SINCE;
    }
  }

  /** Returns the key of a scope without name. */
  public static CacheKey of(CacheScope scope, DocumentFormat format, Form form) {
    return new CacheKey(scope, "", format, form);
  }

  @Override
  public int compareTo(CacheKey other) {
    return ORDER.compare(this, other);
  }

  BlockEncoding encoding() {
    RootElement root =
        scope == CacheScope.APPLICATION ? RootElement.APPLICATION : RootElement.APPLICATIONS;
    return BlockEncoding.of(format, form, root);
  }
}
