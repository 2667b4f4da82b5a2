// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.registry.Change;
import io.systole.server.registry.Change.Cause;
import io.systole.server.registry.Origin;

/** The payloads of a journal's records, as the room's package-info draws them. */
final class JournalEntrySerializer {
  private static final int CHANGED = 1;
  private static final int REMOVED = 2;
  private static final int BEGAN = 3;
  private static final int SKIPPED = 4;
  private static final int OMITTED = 5;

  private static final Cause[] CAUSES = Cause.values();
  private static final Origin[] ORIGINS = Origin.values();

  private JournalEntrySerializer() {}

  static void putChange(Change change, long atMs, RecordEncoder out) {
    InstanceInfo document = change.document();
    out.putByte(change.isRemoval() ? REMOVED : CHANGED);
    putMoment(change.version(), atMs, out);
    out.putByte(change.cause().ordinal() + 1);
    out.putByte(change.origin().ordinal() + 1);
    InstanceSerializer.putStatus(change.override(), out);
    if (change.isRemoval()) {
      out.putText(document.app());
      out.putText(document.id());
    } else {
      InstanceSerializer.put(document, out);
    }
  }

  static void putBegan(long version, long atMs, long leases, RecordEncoder out) {
    out.putByte(BEGAN);
    putMoment(version, atMs, out);
    out.putNumber(leases);
  }

  static void putSkipped(long version, long atMs, long fromVersion, RecordEncoder out) {
    out.putByte(SKIPPED);
    putMoment(version, atMs, out);
    out.putNumber(fromVersion);
  }

  /** A change whose document is too large for a record: all of it but the document. */
  static void putOmitted(Change change, long atMs, long bytes, RecordEncoder out) {
    out.putByte(OMITTED);
    putMoment(change.version(), atMs, out);
    out.putByte(change.cause().ordinal() + 1);
    out.putByte(change.origin().ordinal() + 1);
    out.putText(change.document().app());
    out.putText(change.document().id());
    out.putNumber(bytes);
  }

  private static void putMoment(long version, long atMs, RecordEncoder out) {
    out.putNumber(version);
    out.putNumber(atMs);
  }

  /** Whether the payload that begins there is that of a removal. */
  static boolean isRemoval(byte[] bytes, int from) {
    return bytes[from] == REMOVED;
  }

  static JournalEntry take(RecordDecoder in) throws CorruptRecordException {
    int kind = in.takeByte();
    long version = in.takeVersion();
    long atMs = in.takeNumber();
    JournalEntry entry = switch (kind) {
      case CHANGED, REMOVED -> takeChange(kind == REMOVED, version, atMs, in);
      case BEGAN -> new JournalEntry.WriterStarted(version, atMs, in.takeNumber());
      case SKIPPED -> new JournalEntry.Gap(version, atMs, in.takeNumber());
      case OMITTED -> takeOmitted(version, atMs, in);
      default -> throw new CorruptRecordException("kind " + kind + " is not known");
    };
    if (!in.isAtEnd()) {
      throw new CorruptRecordException("bytes behind the last member");
    }
    return entry;
  }

  private static JournalEntry takeOmitted(long version, long atMs, RecordDecoder in)
      throws CorruptRecordException {
    Cause cause = InstanceSerializer.codedSome(CAUSES, in.takeByte());
    Origin origin = InstanceSerializer.codedSome(ORIGINS, in.takeByte());
    InstanceKey key = keyOf(in.takeSomeText(), in.takeSomeText());
    return new JournalEntry.Omitted(version, atMs, cause, origin, key, in.takeNumber());
  }

  private static JournalEntry takeChange(
      boolean isRemoval, long version, long atMs, RecordDecoder in) throws CorruptRecordException {
    Cause cause = InstanceSerializer.codedSome(CAUSES, in.takeByte());
    Origin origin = InstanceSerializer.codedSome(ORIGINS, in.takeByte());
    InstanceStatus override = InstanceSerializer.takeStatus(in);
    if (isRemoval) {
      InstanceKey key = keyOf(in.takeSomeText(), in.takeSomeText());
      return new JournalEntry.Changed(version, atMs, cause, origin, key, override, null);
    }
    InstanceInfo document = InstanceSerializer.take(in);
    InstanceKey key = keyOf(document.app(), document.id());
    return new JournalEntry.Changed(version, atMs, cause, origin, key, override, document);
  }

  private static InstanceKey keyOf(String app, String id) throws CorruptRecordException {
    checkKey(app, id);
    return new InstanceKey(app, id);
  }

  /** Refuses an instance that can't be found by a key. */
  static void checkKey(String app, String id) throws CorruptRecordException {
    if (app.isEmpty() || id.isEmpty()) {
      throw new CorruptRecordException("an instance without a name");
    }
  }
}
