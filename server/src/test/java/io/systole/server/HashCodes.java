// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The hash codes seen by version, which must be the same for all readers. */
final class HashCodes {
  private final Map<Long, String> byVersion = new ConcurrentHashMap<>();

  void record(long version, String hashCode) {
    String before = byVersion.putIfAbsent(version, hashCode);
    if (before != null) {
      assertThat(hashCode).as("as of %d", version).isEqualTo(before);
    }
  }
}
