// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.message;

import io.systole.protocol.model.InstanceKey;
import io.systole.server.cluster.message.ClusterRecord.RegistrationRecord;
import io.systole.server.cluster.message.ClusterRecord.RemovalRecord;
import io.systole.server.record.InstanceSerializer;
import io.systole.server.record.RecordEncoder;

/**
 * A builder of RECORDS and PUSH messages, record by record. It may be used again after a message is
 * built. Not thread-safe.
 */
public final class RecordsBuilder {
  /** The maximum size of a message, unless it has one record only. */
  public static final int BYTES_MAX = 60_000;

  /** The maximum number of epochs in a message. */
  static final int EPOCHS_MAX = 255;

  /** Flags of a record. */
  static final int BY_PEER = 1;

  static final int HAS_OVERRIDE = 2;
  static final int HAS_AGE = 4;

  static final int REG = 1;
  static final int DEL = 2;

  /** The maximum size of a PUSH without its epochs and records. */
  private static final int HEAD_BYTES = 2 + Long.BYTES + 2 + 1 + 2 + 3;

  private final RecordEncoder encoded = new RecordEncoder();
  private final RecordEncoder message = new RecordEncoder();
  private final long[] epochs = new long[EPOCHS_MAX];
  private int epochCount;
  private int count;

  /**
   * Adds a record.
   *
   * @return whether it was added; false if the message is full, never for the first record
   */
  public boolean add(ClusterRecord record) {
    int size = encoded.size();
    int epochsBefore = epochCount;
    if (write(record) && (count == 0 || bytes() <= BYTES_MAX)) {
      count++;
      return true;
    }
    encoded.truncate(size);
    epochCount = epochsBefore;
    return false;
  }

  /** Returns the number of records added. */
  public int count() {
    return count;
  }

  public boolean isEmpty() {
    return count == 0;
  }

  /** Returns an upper bound of the size of the message. */
  private int bytes() {
    return HEAD_BYTES + epochCount * Long.BYTES + encoded.size();
  }

  /** Returns a RECORDS message, and begins the next one. */
  public byte[] buildRecords(int version) {
    begin(MessageKind.RECORDS, version);
    return end();
  }

  /**
   * Returns a PUSH message, which may be empty, and begins the next one.
   *
   * @param requestId that of the request
   * @param bucket that of the request
   * @param isLast whether no other part follows
   */
  public byte[] buildPush(int version, long requestId, int bucket, boolean isLast) {
    begin(MessageKind.PUSH, version);
    message.writeLong(requestId);
    message.writeVarint(bucket);
    message.writeByte(isLast ? 1 : 0);
    return end();
  }

  private void begin(MessageKind kind, int version) {
    message.clear();
    message.writeByte(kind.code());
    message.writeByte(MessageVersion.checked(version));
  }

  private byte[] end() {
    message.writeVarint(epochCount);
    for (int i = 0; i < epochCount; i++) {
      message.writeLong(epochs[i]);
    }
    message.writeVarint(count);
    message.writeBytes(encoded.array(), 0, encoded.size());
    clear();
    return message.copy();
  }

  /** Discards the records added. */
  public void clear() {
    encoded.clear();
    epochCount = 0;
    count = 0;
  }

  /** Writes a record. Returns false if the table has no space for its epochs. */
  private boolean write(ClusterRecord record) {
    if (record instanceof RegistrationRecord registration) {
      return write(registration);
    }
    RemovalRecord removal = (RemovalRecord) record;
    writeHead(DEL, removal.isByPeer() ? BY_PEER : 0);
    writeKey(removal.key());
    encoded.writeByte(removal.cause().ordinal() + 1);
    return write(removal.stamp());
  }

  private boolean write(RegistrationRecord registration) {
    OverrideRegister override = registration.override();
    boolean hasAge = registration.renewalAgeMs() >= 0;
    writeHead(
        REG,
        (registration.isByPeer() ? BY_PEER : 0)
            | (override == null ? 0 : HAS_OVERRIDE)
            | (hasAge ? HAS_AGE : 0));
    boolean hasSpace =
        write(registration.stamp()) && writeEpoch(registration.leaseId().owner());
    encoded.writeVarint(registration.leaseId().number());
    hasSpace = hasSpace && (override == null || write(override));
    if (!hasSpace) {
      return false;
    }
    if (hasAge) {
      encoded.writeVarint(registration.renewalAgeMs());
    }
    InstanceSerializer.write(registration.document(), encoded);
    return true;
  }

  private void writeHead(int kind, int flags) {
    encoded.writeByte(kind);
    encoded.writeByte(flags);
  }

  private void writeKey(InstanceKey key) {
    encoded.writeText(key.app());
    encoded.writeText(key.id());
  }

  private boolean write(RecordStamp stamp) {
    encoded.writeLong(stamp.rank());
    encoded.writeLong(stamp.hlc());
    return writeEpoch(stamp.owner());
  }

  private boolean write(OverrideRegister override) {
    InstanceSerializer.writeStatus(override.status(), encoded);
    encoded.writeLong(override.stamp().hlc());
    return writeEpoch(override.stamp().member());
  }

  /** Writes the index of an epoch in the table. Returns false if the table is full. */
  private boolean writeEpoch(long epoch) {
    int index = 0;
    while (index < epochCount && epochs[index] != epoch) {
      index++;
    }
    if (index == EPOCHS_MAX) {
      return false;
    }
    if (index == epochCount) {
      epochs[epochCount++] = epoch;
    }
    encoded.writeByte(index);
    return true;
  }
}
