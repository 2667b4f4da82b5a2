// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.model;

import java.util.Locale;

/**
 * What a lease is found by (spec §1.3).
 *
 * @param app application name, not empty; upper-cased here, whatever the locale
 * @param id effective instance id, not empty, case-sensitive
 */
public record InstanceKey(String app, String id) {

  /**
   * Makes a key.
   *
   * @throws IllegalArgumentException when a part is empty
   */
  public InstanceKey {
    if (app.isEmpty() || id.isEmpty()) {
      throw new IllegalArgumentException(
          "instance key needs both parts, got app=\"" + app + "\" id=\"" + id + "\"");
    }
    app = app.toUpperCase(Locale.ROOT);
  }
}
