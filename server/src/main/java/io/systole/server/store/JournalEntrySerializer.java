// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.record.CorruptRecordException;
import io.systole.server.record.InstanceSerializer;
import io.systole.server.record.RecordDecoder;
import io.systole.server.record.RecordEncoder;
import io.systole.server.registry.Change;
import io.systole.server.registry.Change.Cause;
import io.systole.server.registry.Origin;

/** Serializer of journal records; the package description draws their layout. */
final class JournalEntrySerializer {
  private static final int CHANGED = 1;
  private static final int REMOVED = 2;
  private static final int STARTED = 3;
  private static final int GAP = 4;
  private static final int OMITTED = 5;

  private static final Cause[] CAUSES = Cause.values();
  private static final Origin[] ORIGINS = Origin.values();

  private JournalEntrySerializer() {}

  static void writeChange(Change change, long atMs, RecordEncoder out) {
    InstanceInfo document = change.document();
    out.writeByte(change.isRemoval() ? REMOVED : CHANGED);
    writeVersionAndTime(change.version(), atMs, out);
    out.writeByte(change.cause().ordinal() + 1);
    out.writeByte(change.origin().ordinal() + 1);
    InstanceSerializer.writeStatus(change.override(), out);
    if (change.isRemoval()) {
      out.writeText(document.app());
      out.writeText(document.id());
    } else {
      InstanceSerializer.write(document, out);
    }
  }

  static void writeStarted(long version, long atMs, long leases, RecordEncoder out) {
    out.writeByte(STARTED);
    writeVersionAndTime(version, atMs, out);
    out.writeVarint(leases);
  }

  static void writeGap(long version, long atMs, long fromVersion, RecordEncoder out) {
    out.writeByte(GAP);
    writeVersionAndTime(version, atMs, out);
    out.writeVarint(fromVersion);
  }

  /** Writes a change without its document, which is too large for a record. */
  static void writeOmitted(Change change, long atMs, long bytes, RecordEncoder out) {
    out.writeByte(OMITTED);
    writeVersionAndTime(change.version(), atMs, out);
    out.writeByte(change.cause().ordinal() + 1);
    out.writeByte(change.origin().ordinal() + 1);
    out.writeText(change.document().app());
    out.writeText(change.document().id());
    out.writeVarint(bytes);
  }

  private static void writeVersionAndTime(long version, long atMs, RecordEncoder out) {
    out.writeVarint(version);
    out.writeVarint(atMs);
  }

  /** Returns whether the payload at {@code from} is that of a removal. */
  static boolean isRemoval(byte[] bytes, int from) {
    return bytes[from] == REMOVED;
  }

  static JournalEntry read(RecordDecoder in) throws CorruptRecordException {
    int kind = in.readByte();
    long version = in.readVersion();
    long atMs = in.readVarint();
    JournalEntry entry = switch (kind) {
      case CHANGED, REMOVED -> readChange(kind == REMOVED, version, atMs, in);
      case STARTED -> new JournalEntry.WriterStarted(version, atMs, in.readVarint());
      case GAP -> new JournalEntry.Gap(version, atMs, in.readVarint());
      case OMITTED -> readOmitted(version, atMs, in);
      default -> throw new CorruptRecordException("unknown kind " + kind);
    };
    if (!in.isAtEnd()) {
      throw new CorruptRecordException("bytes follow the last field");
    }
    return entry;
  }

  private static JournalEntry readOmitted(long version, long atMs, RecordDecoder in)
      throws CorruptRecordException {
    Cause cause = InstanceSerializer.requiredConstant(CAUSES, in.readByte());
    Origin origin = InstanceSerializer.requiredConstant(ORIGINS, in.readByte());
    InstanceKey key = keyOf(in.readRequiredText(), in.readRequiredText());
    return new JournalEntry.Omitted(version, atMs, cause, origin, key, in.readVarint());
  }

  private static JournalEntry readChange(
      boolean isRemoval, long version, long atMs, RecordDecoder in) throws CorruptRecordException {
    Cause cause = InstanceSerializer.requiredConstant(CAUSES, in.readByte());
    Origin origin = InstanceSerializer.requiredConstant(ORIGINS, in.readByte());
    InstanceStatus override = InstanceSerializer.readStatus(in);
    if (isRemoval) {
      InstanceKey key = keyOf(in.readRequiredText(), in.readRequiredText());
      return new JournalEntry.Changed(version, atMs, cause, origin, key, override, null);
    }
    InstanceInfo document = InstanceSerializer.read(in);
    InstanceKey key = keyOf(document.app(), document.id());
    return new JournalEntry.Changed(version, atMs, cause, origin, key, override, document);
  }

  private static InstanceKey keyOf(String app, String id) throws CorruptRecordException {
    checkKey(app, id);
    return new InstanceKey(app, id);
  }

  /** Rejects an instance that no key can identify. */
  static void checkKey(String app, String id) throws CorruptRecordException {
    if (app.isEmpty() || id.isEmpty()) {
      throw new CorruptRecordException("instance without app or id");
    }
  }
}
