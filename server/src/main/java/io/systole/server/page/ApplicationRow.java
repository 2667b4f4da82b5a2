// SPDX-License-Identifier: Apache-2.0
package io.systole.server.page;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.systole.protocol.model.EscapedText;
import io.systole.protocol.model.InstanceStatus;
import org.jspecify.annotations.Nullable;

/** The counts of an application, and their encoding. Not thread-safe. */
final class ApplicationRow {
  /** The order of the counts in a row. */
  static final InstanceStatus[] STATUSES = InstanceStatus.values();

  private final String name;
  private final boolean isShown;
  private final int[] byStatus = new int[STATUSES.length];
  private int instances;
  private int expired;
  private int protectedCount;

  /** Null after a change. */
  private byte @Nullable [] encoded;

  /** @param isShown whether the row is sent, not only counted */
  ApplicationRow(String name, boolean isShown) {
    this.name = name;
    this.isShown = isShown;
  }

  boolean isShown() {
    return isShown;
  }

  String name() {
    return name;
  }

  int instances() {
    return instances;
  }

  /** Adds instances with the ordinal of a status, or removes them if negative. */
  void add(int status, int count) {
    byStatus[status] += count;
    instances += count;
    encoded = null;
  }

  /** Replaces the counts of expired leases; returns whether they have changed. */
  boolean setExpired(int expiredNow, int protectedNow) {
    boolean isChanged = expired != expiredNow || protectedCount != protectedNow;
    expired = expiredNow;
    protectedCount = protectedNow;
    if (isChanged) {
      encoded = null;
    }
    return isChanged;
  }

  /** Returns {@code [name, instances, one count per status, expired, protected]} in UTF-8. */
  byte[] encoded() {
    byte[] row = encoded;
    if (row == null) {
      StringBuilder json = new StringBuilder(name.length() + 32)
          .append('[')
          .append(EscapedText.jsonString(name))
          .append(',')
          .append(instances);
      for (int count : byStatus) {
        json.append(',').append(count);
      }
      json.append(',').append(expired).append(',').append(protectedCount).append(']');
      row = json.toString().getBytes(UTF_8);
      encoded = row;
    }
    return row;
  }
}
