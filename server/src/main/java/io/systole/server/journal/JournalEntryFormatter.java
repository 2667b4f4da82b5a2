// SPDX-License-Identifier: Apache-2.0
package io.systole.server.journal;

import io.systole.protocol.codec.Form;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.model.EscapedText;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.server.registry.Change.Cause;
import io.systole.server.registry.Origin;
import io.systole.server.store.JournalEntry;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Locale;

/** A formatter of journal records as lines, of text or JSON. */
final class JournalEntryFormatter {
  private final JsonCodec json = new JsonCodec();

  /** Returns a line of text: time, version, cause, instance, origin. */
  String line(JournalEntry entry) {
    String moment = "%s %d ".formatted(Instant.ofEpochMilli(entry.atMs()), entry.version());
    if (entry instanceof JournalEntry.Changed changed) {
      InstanceInfo document = changed.document();
      return moment
          + "%s %s/%s by=%s%s%s"
              .formatted(
                  lower(changed.cause()),
                  EscapedText.token(changed.key().app()),
                  EscapedText.token(changed.key().id()),
                  lower(changed.origin()),
                  document == null ? "" : " status=" + document.status(),
                  changed.override() == null ? "" : " override=" + changed.override());
    }
    if (entry instanceof JournalEntry.Omitted omitted) {
      return moment
          + "%s %s/%s by=%s omitted bytes=%d"
              .formatted(
                  lower(omitted.cause()),
                  EscapedText.token(omitted.key().app()),
                  EscapedText.token(omitted.key().id()),
                  lower(omitted.origin()),
                  omitted.bytes());
    }
    if (entry instanceof JournalEntry.Gap skipped) {
      return moment + "skipped from=" + skipped.fromVersion() + ", see the next snapshot";
    }
    return moment + "began leases=" + ((JournalEntry.WriterStarted) entry).leases();
  }

  /** Returns a JSON object without line breaks. */
  String json(JournalEntry entry) {
    StringBuilder line = new StringBuilder(256);
    line.append("{\"at\":\"").append(Instant.ofEpochMilli(entry.atMs()));
    line.append("\",\"version\":").append(entry.version());
    if (entry instanceof JournalEntry.Changed changed) {
      appendChange(changed.cause(), changed.origin(), changed.key(), line);
      if (changed.override() != null) {
        line.append(",\"override\":\"").append(changed.override()).append('"');
      }
      InstanceInfo document = changed.document();
      if (document != null) {
        String wrapped = EscapedText.json(
            new String(json.encodeInstance(document, Form.FULL), StandardCharsets.UTF_8));
        line.append(',').append(wrapped, 1, wrapped.length() - 1);
      }
    } else if (entry instanceof JournalEntry.Omitted omitted) {
      appendChange(omitted.cause(), omitted.origin(), omitted.key(), line);
      line.append(",\"omittedBytes\":").append(omitted.bytes());
    } else if (entry instanceof JournalEntry.Gap skipped) {
      line.append(",\"kind\":\"skipped\",\"from\":").append(skipped.fromVersion());
    } else {
      line.append(",\"kind\":\"began\",\"leases\":")
          .append(((JournalEntry.WriterStarted) entry).leases());
    }
    return line.append('}').toString();
  }

  private static void appendChange(
      Cause cause, Origin origin, InstanceKey key, StringBuilder line) {
    line.append(",\"kind\":\"").append(lower(cause));
    line.append("\",\"by\":\"").append(lower(origin));
    line.append("\",\"app\":").append(EscapedText.jsonString(key.app()));
    line.append(",\"id\":").append(EscapedText.jsonString(key.id()));
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
