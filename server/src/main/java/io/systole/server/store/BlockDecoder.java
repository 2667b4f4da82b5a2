// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.model.StringInterner;
import io.systole.server.registry.PersistedLease;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** A decoder of the blocks of a snapshot. For one thread at a time. */
final class BlockDecoder {
  private final RecordDecoder block = new RecordDecoder(new StringInterner());
  private final Inflater inflater = new Inflater(true);

  /** Packed blocks are unpacked here. */
  private byte[] plain = {};

  /**
   * Decodes a block.
   *
   * @param leases that the block states
   * @param size of the block once it is unpacked
   * @param packed holds the packed bytes
   */
  List<PersistedLease> decode(long leases, int size, byte[] packed) throws CorruptRecordException {
    if (plain.length < size) {
      plain = new byte[size];
    }
    inflater.reset();
    inflater.setInput(packed);
    try {
      int unpacked = inflater.inflate(plain, 0, size);
      if (unpacked != size) {
        throw new CorruptRecordException(
            "a block of " + unpacked + " bytes where " + size + " must be");
      }
    } catch (DataFormatException malformed) {
      throw new CorruptRecordException("a block that can't be unpacked: " + malformed.getMessage());
    }
    block.over(plain, 0, size);
    List<PersistedLease> decoded = new ArrayList<>();
    for (long i = 0; i < leases; i++) {
      InstanceStatus override = InstanceSerializer.takeStatus(block);
      InstanceInfo instance = InstanceSerializer.take(block);
      JournalEntrySerializer.checkKey(instance.app(), instance.id());
      decoded.add(new PersistedLease(instance, override));
    }
    return decoded;
  }

  void end() {
    inflater.end();
  }
}
