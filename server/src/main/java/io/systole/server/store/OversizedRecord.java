// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.protocol.model.EscapedText;
import io.systole.protocol.model.InstanceKey;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reports records that are too large to be written. */
final class OversizedRecord {
  private static final Logger LOG = LoggerFactory.getLogger(OversizedRecord.class);

  /** Limit on characters of a name in a log line: names may be as long as the omitted document. */
  private static final int NAME_CHARS_MAX = 200;

  private OversizedRecord() {}

  /** Counts the record; logs the first one since a snapshot contained all leases. */
  static void omit(InstanceKey key, long bytes, StoreCounters counters, long nowMs) {
    if (counters.addOmitted(nowMs)) {
      LOG.error(
          "an instance is too large to be stored and would be lost by a restart; further ones are"
              + " only counted app={} id={} bytes={} max={}",
          shown(key.app()),
          shown(key.id()),
          bytes,
          FrameLayout.RECORD_BYTES_MAX);
    }
  }

  private static String shown(String name) {
    return EscapedText.token(
        name.length() > NAME_CHARS_MAX ? name.substring(0, NAME_CHARS_MAX) : name);
  }
}
