// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.message;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.model.StringInterner;
import io.systole.server.cluster.message.ClusterRecord.RegistrationRecord;
import io.systole.server.cluster.message.ClusterRecord.RemovalRecord;
import io.systole.server.cluster.message.Message.Beat;
import io.systole.server.cluster.message.Message.Digest;
import io.systole.server.cluster.message.Message.Drain;
import io.systole.server.cluster.message.Message.Hello;
import io.systole.server.cluster.message.Message.Pull;
import io.systole.server.cluster.message.Message.Push;
import io.systole.server.cluster.message.Message.Records;
import io.systole.server.cluster.message.Message.UnknownKind;
import io.systole.server.record.CorruptRecordException;
import io.systole.server.record.InstanceSerializer;
import io.systole.server.record.RecordDecoder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A decoder of all messages. The memory that it allocates is bounded by the length of the message,
 * whatever its content. Thread-safe.
 */
public final class MessageDecoder {
  private static final RemovalCause[] CAUSES = RemovalCause.values();
  private static final int HEAD_BYTES = 2;
  private static final int ENTRY_BYTES = 2 * Long.BYTES;

  private final int versionMax;
  private final StringInterner interner = new StringInterner();

  /**
   * Creates a decoder.
   *
   * @param versionMax the newest version that it accepts
   */
  public MessageDecoder(int versionMax) {
    this.versionMax = MessageVersion.checked(versionMax);
  }

  /**
   * Decodes a message. The numbers of a {@link Beat} are decoded later, from the same bytes.
   *
   * @param bytes contains the message; not changed afterwards
   * @throws UnsupportedVersionException if this member can't read the sender's version
   * @throws MalformedMessageException if the bytes are no message of their kind and version
   */
  public Message decode(byte[] bytes, int from, int length)
      throws MalformedMessageException, UnsupportedVersionException {
    if (length < HEAD_BYTES) {
      throw new MalformedMessageException("message of " + length + " bytes");
    }
    int code = bytes[from] & 0xff;
    int version = bytes[from + 1] & 0xff;
    MessageKind kind = MessageKind.of(code);
    if (kind == null) {
      return new UnknownKind(code);
    }
    if (version < MessageVersion.OLDEST || version > versionMax) {
      throw new UnsupportedVersionException(kind, version, versionMax);
    }
    RecordDecoder in =
        new RecordDecoder(interner).wrap(bytes, from + HEAD_BYTES, length - HEAD_BYTES);
    try {
      return switch (kind) {
        case HELLO -> atEnd(readHello(in), in);
        case RECORDS -> atEnd(new Records(readRecords(in)), in);
        case BEAT -> readBeat(in, bytes, from + length, version);
        case DIGEST -> atEnd(readDigest(in), in);
        case PULL -> atEnd(readPull(in), in);
        case PUSH -> atEnd(readPush(in), in);
        case DRAIN -> atEnd(new Drain(), in);
      };
    } catch (CorruptRecordException corrupt) {
      throw new MalformedMessageException(kind + ": " + corrupt.getMessage());
    }
  }

  private static Message atEnd(Message message, RecordDecoder in) throws CorruptRecordException {
    if (!in.isAtEnd()) {
      throw new CorruptRecordException(in.remaining() + " bytes follow the last field");
    }
    return message;
  }

  private static Hello readHello(RecordDecoder in) throws CorruptRecordException {
    int protocolMin = in.readByte();
    int protocolMax = in.readByte();
    if (protocolMin == 0 || protocolMax < protocolMin) {
      throw new CorruptRecordException("versions " + protocolMin + ".." + protocolMax);
    }
    int flags = readFlags(in, MessageEncoder.COMPLETE | MessageEncoder.DRAINING);
    return new Hello(
        protocolMin,
        protocolMax,
        (flags & MessageEncoder.COMPLETE) != 0,
        (flags & MessageEncoder.DRAINING) != 0,
        readShortText(in),
        readShortText(in),
        readShortText(in));
  }

  private static String readShortText(RecordDecoder in) throws CorruptRecordException {
    String text = in.readRequiredText();
    int length = Hello.bytes(text);
    if (length > Hello.TEXT_BYTES_MAX) {
      throw new CorruptRecordException(
          "text of " + length + " bytes exceeds " + Hello.TEXT_BYTES_MAX);
    }
    return text;
  }

  private static Message readBeat(RecordDecoder in, byte[] bytes, int end, int version)
      throws CorruptRecordException, MalformedMessageException {
    long window = in.readLong();
    if (window < 0) {
      throw new CorruptRecordException("window " + window);
    }
    return new Beat(window, BeatNumbers.read(bytes, in.position(), end, version));
  }

  private static Digest readDigest(RecordDecoder in) throws CorruptRecordException {
    int[] counts = new int[KeyHash.BUCKETS];
    long[] hashes = new long[KeyHash.BUCKETS];
    long[] youngestHlcs = new long[KeyHash.BUCKETS];
    for (int bucket = 0; bucket < KeyHash.BUCKETS; bucket++) {
      counts[bucket] = readNumber(in);
      if (counts[bucket] > 0) {
        hashes[bucket] = in.readLong();
      }
      youngestHlcs[bucket] = in.readLong();
    }
    return new Digest(counts, hashes, youngestHlcs);
  }

  private static Pull readPull(RecordDecoder in) throws CorruptRecordException {
    long requestId = in.readLong();
    int bucket = readBucket(in);
    int count = readNumber(in);
    if (count > Pull.ENTRIES_MAX || count * ENTRY_BYTES != in.remaining()) {
      throw new CorruptRecordException(count + " entries in " + in.remaining() + " bytes");
    }
    long[] keyHashes = new long[count];
    long[] entryHashes = new long[count];
    for (int i = 0; i < count; i++) {
      keyHashes[i] = in.readLong();
      entryHashes[i] = in.readLong();
    }
    return new Pull(requestId, bucket, keyHashes, entryHashes);
  }

  private static Push readPush(RecordDecoder in) throws CorruptRecordException {
    long requestId = in.readLong();
    int bucket = readBucket(in);
    boolean isLast = readFlags(in, 1) != 0;
    return new Push(requestId, bucket, isLast, readRecords(in));
  }

  private static List<ClusterRecord> readRecords(RecordDecoder in) throws CorruptRecordException {
    long[] epochs = readEpochs(in);
    List<ClusterRecord> records = new ArrayList<>();
    for (int left = in.readCount(); left > 0; left--) {
      int kind = in.readByte();
      records.add(
          switch (kind) {
            case RecordsBuilder.REG -> readRegistration(in, epochs);
            case RecordsBuilder.DEL -> readRemoval(in, epochs);
            default -> throw new CorruptRecordException("unknown kind of record " + kind);
          });
    }
    return records;
  }

  private static long[] readEpochs(RecordDecoder in) throws CorruptRecordException {
    int count = in.readCount();
    if (count > RecordsBuilder.EPOCHS_MAX || count > in.remaining() / Long.BYTES) {
      throw new CorruptRecordException(count + " epochs with " + in.remaining()
          + " bytes left, limit " + RecordsBuilder.EPOCHS_MAX);
    }
    long[] epochs = new long[count];
    for (int i = 0; i < count; i++) {
      epochs[i] = in.readLong();
    }
    return epochs;
  }

  private static RegistrationRecord readRegistration(RecordDecoder in, long[] epochs)
      throws CorruptRecordException {
    int flags = readFlags(
        in, RecordsBuilder.BY_PEER | RecordsBuilder.HAS_OVERRIDE | RecordsBuilder.HAS_AGE);
    RecordStamp stamp = readStamp(in, epochs);
    LeaseId id = new LeaseId(readEpoch(in, epochs), readNumber(in));
    boolean hasOverride = (flags & RecordsBuilder.HAS_OVERRIDE) != 0;
    @Nullable OverrideRegister override = hasOverride ? readOverride(in, epochs) : null;
    long ageMs = RegistrationRecord.NO_AGE;
    if ((flags & RecordsBuilder.HAS_AGE) != 0) {
      ageMs = in.readVarint();
      if (ageMs < 0) {
        throw new CorruptRecordException("age of " + ageMs + " ms");
      }
    }
    InstanceInfo document = InstanceSerializer.read(in);
    checkKey(document.app(), document.id());
    return new RegistrationRecord(document, stamp, id, override, ageMs, isByPeer(flags));
  }

  private static RemovalRecord readRemoval(RecordDecoder in, long[] epochs)
      throws CorruptRecordException {
    int flags = readFlags(in, RecordsBuilder.BY_PEER);
    InstanceKey key = readKey(in);
    RemovalCause cause = InstanceSerializer.requiredConstant(CAUSES, in.readByte());
    return new RemovalRecord(key, readStamp(in, epochs), cause, isByPeer(flags));
  }

  private static boolean isByPeer(int flags) {
    return (flags & RecordsBuilder.BY_PEER) != 0;
  }

  private static InstanceKey readKey(RecordDecoder in) throws CorruptRecordException {
    String app = in.readRequiredText();
    String id = in.readRequiredText();
    checkKey(app, id);
    return new InstanceKey(app, id);
  }

  private static void checkKey(String app, String id) throws CorruptRecordException {
    if (app.isEmpty() || id.isEmpty()) {
      throw new CorruptRecordException("instance without app or id");
    }
  }

  private static RecordStamp readStamp(RecordDecoder in, long[] epochs)
      throws CorruptRecordException {
    return new RecordStamp(in.readLong(), in.readLong(), readEpoch(in, epochs));
  }

  private static OverrideRegister readOverride(RecordDecoder in, long[] epochs)
      throws CorruptRecordException {
    InstanceStatus status = InstanceSerializer.readStatus(in);
    return new OverrideRegister(status, new OverrideStamp(in.readLong(), readEpoch(in, epochs)));
  }

  private static long readEpoch(RecordDecoder in, long[] epochs) throws CorruptRecordException {
    int index = in.readByte();
    if (index >= epochs.length) {
      throw new CorruptRecordException("epoch " + index + " of " + epochs.length);
    }
    return epochs[index];
  }

  private static int readBucket(RecordDecoder in) throws CorruptRecordException {
    int bucket = readNumber(in);
    if (bucket >= KeyHash.BUCKETS) {
      throw new CorruptRecordException("bucket " + bucket + " of " + KeyHash.BUCKETS);
    }
    return bucket;
  }

  private static int readNumber(RecordDecoder in) throws CorruptRecordException {
    long number = in.readVarint();
    if (number < 0 || number > Integer.MAX_VALUE) {
      throw new CorruptRecordException("number " + number + " is not within 0..2^31-1");
    }
    return (int) number;
  }

  private static int readFlags(RecordDecoder in, int known) throws CorruptRecordException {
    int flags = in.readByte();
    if ((flags & ~known) != 0) {
      throw new CorruptRecordException("unknown flags " + flags);
    }
    return flags;
  }
}
