// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import com.code_intelligence.jazzer.junit.FuzzTest;

/**
 * Decodes arbitrary bytes as the body of a registration in JSON. The profile {@code fuzz} searches
 * for new inputs.
 */
class JsonInstanceFuzzTest {
  private final Codec codec = new JsonCodec();

  @FuzzTest
  void decodeInstance(byte[] bytes) {
    HostileBytes.isInstanceRefused(bytes, codec);
  }
}
