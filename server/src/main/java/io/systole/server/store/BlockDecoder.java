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

/** A decoder of snapshot blocks. Used by one thread at a time. */
final class BlockDecoder {
  private final RecordDecoder block = new RecordDecoder(new StringInterner());
  private final Inflater inflater = new Inflater(true);

  /** Output of the inflater, grown to the largest block so far. */
  private byte[] plain = {};

  /**
   * Decodes a block.
   *
   * @param leases number of leases that the block claims to hold
   * @param size inflated size, bytes
   * @param deflated the deflated block
   */
  List<PersistedLease> decode(long leases, int size, byte[] deflated)
      throws CorruptRecordException {
    if (plain.length < size) {
      plain = new byte[size];
    }
    inflater.reset();
    inflater.setInput(deflated);
    try {
      int inflated = inflater.inflate(plain, 0, size);
      if (inflated != size) {
        throw new CorruptRecordException(
            "block inflates to " + inflated + " bytes instead of " + size);
      }
    } catch (DataFormatException malformed) {
      throw new CorruptRecordException("block can't be inflated: " + malformed.getMessage());
    }
    block.over(plain, 0, size);
    List<PersistedLease> decoded = new ArrayList<>();
    for (long i = 0; i < leases; i++) {
      InstanceStatus override = InstanceSerializer.readStatus(block);
      InstanceInfo instance = InstanceSerializer.read(block);
      JournalEntrySerializer.checkKey(instance.app(), instance.id());
      decoded.add(new PersistedLease(instance, override));
    }
    return decoded;
  }

  void end() {
    inflater.end();
  }
}
