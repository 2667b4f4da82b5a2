// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.message;

import io.systole.server.cluster.message.Message.Digest;
import io.systole.server.cluster.message.Message.Hello;
import io.systole.server.cluster.message.Message.Pull;
import io.systole.server.record.RecordEncoder;

/**
 * The encoder of messages that are encoded as a whole; the others have {@link BeatEncoder} and
 * {@link RecordsBuilder}. All methods may be called by any thread.
 */
public final class MessageEncoder {
  /** Flags of a HELLO. */
  static final int COMPLETE = 1;

  static final int DRAINING = 2;

  private MessageEncoder() {}

  /** Returns a HELLO in the oldest version that its sender reads. */
  public static byte[] encode(Hello hello) {
    RecordEncoder out = begin(MessageKind.HELLO, MessageVersion.OLDEST);
    out.writeByte(hello.protocolMin());
    out.writeByte(hello.protocolMax());
    out.writeByte((hello.isComplete() ? COMPLETE : 0) | (hello.isDraining() ? DRAINING : 0));
    out.writeText(hello.name());
    out.writeText(hello.url());
    out.writeText(hello.build());
    return out.copy();
  }

  /** Returns a DIGEST. */
  public static byte[] encode(Digest digest, int version) {
    RecordEncoder out = begin(MessageKind.DIGEST, version);
    for (int bucket = 0; bucket < KeyHash.BUCKETS; bucket++) {
      int count = digest.count(bucket);
      out.writeVarint(count);
      if (count > 0) {
        out.writeLong(digest.hash(bucket));
      }
      out.writeLong(digest.youngestHlc(bucket));
    }
    return out.copy();
  }

  /** Returns a PULL. */
  public static byte[] encode(Pull pull, int version) {
    RecordEncoder out = begin(MessageKind.PULL, version);
    out.writeLong(pull.requestId());
    out.writeVarint(pull.bucket());
    out.writeVarint(pull.size());
    for (int i = 0; i < pull.size(); i++) {
      out.writeLong(pull.keyHash(i));
      out.writeLong(pull.entryHash(i));
    }
    return out.copy();
  }

  /** Returns a DRAIN. */
  public static byte[] encodeDrain(int version) {
    return begin(MessageKind.DRAIN, version).copy();
  }

  private static RecordEncoder begin(MessageKind kind, int version) {
    RecordEncoder out = new RecordEncoder();
    out.writeByte(kind.code());
    out.writeByte(MessageVersion.checked(version));
    return out;
  }
}
