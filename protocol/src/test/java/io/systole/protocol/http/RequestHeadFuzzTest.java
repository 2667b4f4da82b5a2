// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

/**
 * Any bytes as what a connection sends: they come to the same requests and the same refusal however
 * they are split. New ones are looked for by the profile {@code fuzz}.
 */
class RequestHeadFuzzTest {
  /** Small enough that most inputs pass one of them. */
  private static final HttpLimits TIGHT = new HttpLimits(80, 160, 4, 6, 12);

  @FuzzTest
  void parse(byte[] bytes) {
    requireSameHoweverSplit(bytes, HttpLimits.DEFAULT);
    requireSameHoweverSplit(bytes, TIGHT);
  }

  private static void requireSameHoweverSplit(byte[] bytes, HttpLimits limits) {
    String whole = Transcript.of(bytes, limits).toString();
    for (int cut = 1; cut < bytes.length; cut = 2 * cut + 1) {
      assertThat(Transcript.of(bytes, limits, cut)).hasToString(whole);
      assertThat(Transcript.of(bytes, limits, cut / 2, bytes.length - cut / 2)).hasToString(whole);
    }
  }
}
