// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import com.code_intelligence.jazzer.junit.FuzzTest;

/**
 * Decodes arbitrary bytes as the body of a registration in XML. The profile {@code fuzz} searches
 * for new inputs.
 */
class XmlInstanceFuzzTest {
  private final Codec codec = new XmlCodec();

  @FuzzTest
  void decodeInstance(byte[] bytes) {
    HostileBytes.isInstanceRefused(bytes, codec);
  }
}
