// SPDX-License-Identifier: Apache-2.0
package io.systole.server.audit;

import io.systole.protocol.codec.Form;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.model.InstanceInfo;
import io.systole.server.store.JournalEntry;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Locale;

/** A record of the journal as a line: for people, or a JSON object. */
final class EntryText {
  private final JsonCodec json = new JsonCodec();

  /** For people: when, which version, what, who, by whom. */
  String line(JournalEntry entry) {
    String moment = "%s %d ".formatted(Instant.ofEpochMilli(entry.atMs()), entry.version());
    if (entry instanceof JournalEntry.Changed changed) {
      InstanceInfo document = changed.document();
      return moment
          + "%s %s/%s by=%s%s%s"
              .formatted(
                  lower(changed.cause()),
                  changed.key().app(),
                  printable(changed.key().id()),
                  lower(changed.origin()),
                  document == null ? "" : " status=" + document.status(),
                  changed.override() == null ? "" : " override=" + changed.override());
    }
    if (entry instanceof JournalEntry.Skipped skipped) {
      return moment + "skipped from=" + skipped.fromVersion() + ", see the next snapshot";
    }
    return moment + "began leases=" + ((JournalEntry.Began) entry).leases();
  }

  /** One JSON object without line breaks. */
  String json(JournalEntry entry) {
    StringBuilder line = new StringBuilder(256);
    line.append("{\"at\":\"").append(Instant.ofEpochMilli(entry.atMs()));
    line.append("\",\"version\":").append(entry.version());
    if (entry instanceof JournalEntry.Changed changed) {
      line.append(",\"kind\":\"").append(lower(changed.cause()));
      line.append("\",\"by\":\"").append(lower(changed.origin()));
      line.append("\",\"app\":").append(quoted(changed.key().app()));
      line.append(",\"id\":").append(quoted(changed.key().id()));
      if (changed.override() != null) {
        line.append(",\"override\":\"").append(changed.override()).append('"');
      }
      InstanceInfo document = changed.document();
      if (document != null) {
        String wrapped =
            new String(json.encodeInstance(document, Form.FULL), StandardCharsets.UTF_8);
        line.append(',').append(wrapped, 1, wrapped.length() - 1);
      }
    } else if (entry instanceof JournalEntry.Skipped skipped) {
      line.append(",\"kind\":\"skipped\",\"from\":").append(skipped.fromVersion());
    } else {
      line.append(",\"kind\":\"began\",\"leases\":").append(((JournalEntry.Began) entry).leases());
    }
    return line.append('}').toString();
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  /** An id is what a client said: it must not break the line, nor the terminal. */
  private static String printable(String text) {
    return text.replaceAll("\\p{Cntrl}", "?");
  }

  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      char next = text.charAt(i);
      if (next == '"' || next == '\\') {
        quoted.append('\\').append(next);
      } else if (next < ' ') {
        quoted.append("\\u%04x".formatted((int) next));
      } else {
        quoted.append(next);
      }
    }
    return quoted.append('"').toString();
  }
}
