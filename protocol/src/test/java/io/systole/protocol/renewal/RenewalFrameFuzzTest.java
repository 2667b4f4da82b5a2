// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.renewal;

import com.code_intelligence.jazzer.junit.FuzzTest;

/**
 * Decodes arbitrary bytes as a renewal frame and as a response to one. The profile {@code fuzz}
 * searches for new inputs.
 */
class RenewalFrameFuzzTest {
  @FuzzTest
  void decode(byte[] bytes) {
    RenewalFrames.isRefused(bytes);
    RenewalFrames.isResponseRefused(bytes, 1_000);
  }
}
