// SPDX-License-Identifier: Apache-2.0
package io.systole.server.auth;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An authenticated sender of requests, with its roles and the applications it is bound to. */
public final class Principal {
  /** An application name in upper case, or the beginning of names. */
  private record AppPattern(String text, boolean isPrefix) {
    static AppPattern of(String text) {
      boolean isPrefix = text.endsWith("*");
      String name = isPrefix ? text.substring(0, text.length() - 1) : text;
      return new AppPattern(name.toUpperCase(Locale.ROOT), isPrefix);
    }

    boolean matches(String upperCase) {
      return isPrefix ? upperCase.startsWith(text) : upperCase.equals(text);
    }

    /** Compares ASCII bytes of any case. */
    boolean matches(byte[] bytes, int from, int to) {
      int length = text.length();
      if (isPrefix ? to - from < length : to - from != length) {
        return false;
      }
      for (int i = 0; i < length; i++) {
        byte got = bytes[from + i];
        int upper = got >= 'a' && got <= 'z' ? got - ('a' - 'A') : got;
        if (upper != text.charAt(i)) {
          return false;
        }
      }
      return true;
    }
  }

  private final String name;
  private final boolean[] roles = new boolean[Role.values().length];
  private final RequestRates rates = new RequestRates();

  /** That of the same entry in newer credentials; null while its own are the newest. */
  private volatile @Nullable Principal replacement;

  /** Empty for any application. */
  private final AppPattern[] apps;

  /**
   * @param name of a user, token or certificate
   * @param apps names of applications, or beginnings of names followed by a star; empty for any
   */
  Principal(String name, Set<Role> roles, List<String> apps) {
    this.name = name;
    roles.forEach(role -> this.roles[role.ordinal()] = true);
    this.roles[Role.READ.ordinal()] |= roles.contains(Role.PEER) || roles.contains(Role.MANAGE);
    this.apps = apps.stream().map(AppPattern::of).toArray(AppPattern[]::new);
  }

  public String name() {
    return name;
  }

  /** Returns the rates of its requests, on all connections. */
  public RequestRates rates() {
    return rates;
  }

  /** Returns whether it may do what the role permits. */
  public boolean has(Role role) {
    return roles[role.ordinal()];
  }

  /** Sets the principal of the same entry in newer credentials; null if they have none. */
  void replaceBy(@Nullable Principal newer) {
    replacement = newer == null ? new Principal(name, Set.of(), List.of()) : newer;
  }

  /**
   * Returns whether it may do what the role permits by the present credentials, which may be newer
   * than those it was found in. For responses that outlive a change of the file. Thread-safe.
   */
  public boolean stillHas(Role role) {
    Principal latest = this;
    for (Principal newer = replacement; newer != null; newer = latest.replacement) {
      latest = newer;
    }
    return latest.has(role);
  }

  /** Returns whether it may change instances of every application. */
  public boolean mayChangeAll() {
    return apps.length == 0;
  }

  /** Returns whether it may change instances of an application, which is named in any case. */
  public boolean mayChange(String app) {
    if (apps.length == 0) {
      return true;
    }
    // As the key of a lease: some letters outside ASCII have an ASCII letter as upper case.
    String upperCase = app.toUpperCase(Locale.ROOT);
    for (AppPattern pattern : apps) {
      if (pattern.matches(upperCase)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Returns whether it may change instances of an application, which is named in any case, in
   * UTF-8. Allocates nothing for a name in ASCII.
   */
  public boolean mayChange(byte[] bytes, int from, int to) {
    if (apps.length == 0) {
      return true;
    }
    for (int i = from; i < to; i++) {
      if (bytes[i] < 0) {
        return mayChange(new String(bytes, from, to - from, StandardCharsets.UTF_8));
      }
    }
    for (AppPattern pattern : apps) {
      if (pattern.matches(bytes, from, to)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public String toString() {
    return name;
  }
}
