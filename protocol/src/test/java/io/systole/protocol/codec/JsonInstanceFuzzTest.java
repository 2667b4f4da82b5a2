// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import com.code_intelligence.jazzer.junit.FuzzTest;

/**
 * Any bytes as the body of a registration in JSON. New ones are looked for by the profile
 * {@code fuzz}.
 */
class JsonInstanceFuzzTest {
  private final Codec codec = new JsonCodec();

  @FuzzTest
  void decodeInstance(byte[] bytes) {
    HostileBytes.isRefusedOrWholeInstance(bytes, codec);
  }
}
