// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import com.code_intelligence.jazzer.junit.FuzzTest;

/**
 * Decodes arbitrary bytes as a batch of a peer. The profile {@code fuzz} searches for new inputs.
 */
class ReplicationFuzzTest {
  @FuzzTest
  void decodeItems(byte[] bytes) {
    HostileBytes.isBatchRefused(bytes);
  }
}
