// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.model;

import java.util.Locale;

/**
 * The key of a lease (spec §1.3). Its order, by application and then by id, is consistent with
 * equals. Clients choose ids, and can choose many with the same hash code: hash maps then search
 * their bins by the order of the keys instead of one by one.
 *
 * @param app application name, not empty; converted to upper case, independent of the locale
 * @param id effective instance id, not empty, case-sensitive
 */
public record InstanceKey(String app, String id) implements Comparable<InstanceKey> {

  /**
   * Creates a key.
   *
   * @throws IllegalArgumentException if a part is empty
   */
  public InstanceKey {
    if (app.isEmpty() || id.isEmpty()) {
      throw new IllegalArgumentException(
          "instance key requires app and id, got app=\"" + app + "\" id=\"" + id + "\"");
    }
    app = app.toUpperCase(Locale.ROOT);
  }

  @Override
  public int compareTo(InstanceKey other) {
    int byApp = app.compareTo(other.app);
    return byApp == 0 ? id.compareTo(other.id) : byApp;
  }
}
