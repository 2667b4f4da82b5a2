// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Any bytes as a batch of a peer. New ones are looked for by the profile {@code fuzz}. */
class ReplicationFuzzTest {
  @FuzzTest
  void decodeItems(byte[] bytes) {
    HostileBytes.isRefusedOrWholeBatch(bytes);
  }
}
