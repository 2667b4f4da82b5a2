// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.message;

import com.code_intelligence.jazzer.junit.FuzzTest;

/**
 * Decodes arbitrary bytes as a message of another member. The profile {@code fuzz} searches for new
 * inputs.
 */
class MessageFuzzTest {
  private final HostileMessages messages = new HostileMessages();

  @FuzzTest
  void decode(byte[] bytes) {
    messages.isRefused(bytes);
  }
}
