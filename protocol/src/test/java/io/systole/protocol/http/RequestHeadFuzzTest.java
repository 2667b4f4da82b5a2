// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

/**
 * Parses arbitrary bytes of a connection: the requests and the error must not depend on the way the
 * bytes are split. The profile {@code fuzz} searches for new inputs.
 */
class RequestHeadFuzzTest {
  /** Small enough that most inputs exceed one of them. */
  private static final HttpLimits TIGHT = new HttpLimits(80, 160, 4, 6, 12);

  @FuzzTest
  void parse(byte[] bytes) {
    requireSameForAnySplit(bytes, HttpLimits.DEFAULT);
    requireSameForAnySplit(bytes, TIGHT);
  }

  private static void requireSameForAnySplit(byte[] bytes, HttpLimits limits) {
    String whole = Transcript.of(bytes, limits).toString();
    for (int cut = 1; cut < bytes.length; cut = 2 * cut + 1) {
      assertThat(Transcript.of(bytes, limits, cut)).hasToString(whole);
      assertThat(Transcript.of(bytes, limits, cut / 2, bytes.length - cut / 2)).hasToString(whole);
    }
  }
}
