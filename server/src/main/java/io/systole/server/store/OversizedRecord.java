// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.protocol.model.EscapedText;
import io.systole.protocol.model.InstanceKey;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The report of a record that is too large to be read again, and so is not written. */
final class OversizedRecord {
  private static final Logger LOG = LoggerFactory.getLogger(OversizedRecord.class);

  /** Characters of a name in a log line: names may be as long as what is left out. */
  private static final int NAME_CHARS_MAX = 200;

  private OversizedRecord() {}

  /** Counts the record; logs the first since a snapshot held every lease. */
  static void omit(InstanceKey key, long bytes, StoreCounters counts, long nowMs) {
    if (counts.omitted(nowMs)) {
      LOG.error(
          "an instance is too large to be stored, a restart would forget it; others like it are"
              + " counted app={} id={} bytes={} bound={}",
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
