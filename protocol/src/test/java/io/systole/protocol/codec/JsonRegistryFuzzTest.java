// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import com.code_intelligence.jazzer.junit.FuzzTest;

/**
 * Any bytes as the registry of a peer, in JSON. New ones are looked for by the profile
 * {@code fuzz}.
 */
class JsonRegistryFuzzTest {
  private final Codec codec = new JsonCodec();

  @FuzzTest
  void decodeApplications(byte[] bytes) {
    HostileBytes.isRefusedOrWholeRegistry(bytes, codec);
  }
}
