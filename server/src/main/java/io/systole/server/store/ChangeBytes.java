// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.protocol.model.InstanceInfo;
import io.systole.server.registry.Change;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An estimate of the memory that a change keeps from being freed, by the text in its document. */
final class ChangeBytes {
  /** The objects themselves, and the members of fixed size. */
  private static final int FIXED_BYTES = 512;

  /** A map's entry and two strings, without their text. */
  private static final int ENTRY_BYTES = 128;

  private ChangeBytes() {}

  /** Returns the estimate, O(members of the document). */
  static long of(Change change) {
    InstanceInfo document = change.document();
    long bytes = FIXED_BYTES;
    bytes += length(document.instanceId()) + length(document.hostName());
    bytes += length(document.ipAddr()) + length(document.app()) + length(document.sid());
    bytes += length(document.homePageUrl()) + length(document.statusPageUrl());
    bytes += length(document.healthCheckUrl()) + length(document.secureHealthCheckUrl());
    bytes += length(document.vipAddress()) + length(document.secureVipAddress());
    bytes += length(document.appGroupName()) + length(document.asgName());
    bytes += lengths(document.metadata());
    if (document.dataCenterInfo() != null) {
      bytes += lengths(document.dataCenterInfo().metadata());
    }
    return bytes;
  }

  private static long lengths(Map<String, String> texts) {
    long bytes = 0;
    for (Map.Entry<String, String> entry : texts.entrySet()) {
      bytes += ENTRY_BYTES + length(entry.getKey()) + length(entry.getValue());
    }
    return bytes;
  }

  private static int length(@Nullable String text) {
    return text == null ? 0 : text.length();
  }
}
