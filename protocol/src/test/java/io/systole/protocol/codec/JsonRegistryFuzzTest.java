// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import com.code_intelligence.jazzer.junit.FuzzTest;

/**
 * Decodes arbitrary bytes as the registry of a peer in JSON. The profile {@code fuzz} searches for
 * new inputs.
 */
class JsonRegistryFuzzTest {
  private final Codec codec = new JsonCodec();

  @FuzzTest
  void decodeApplications(byte[] bytes) {
    HostileBytes.isRegistryRefused(bytes, codec);
  }
}
