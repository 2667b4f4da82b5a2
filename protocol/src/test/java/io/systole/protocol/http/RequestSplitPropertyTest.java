// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.Repetitions;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Any split of the bytes results in the same heads and bodies in the same order, and in the same
 * error.
 */
@Tag("randomized")
final class RequestSplitPropertyTest {
  private static final int INPUTS = Repetitions.of(50);

  /** Small enough that generated requests sometimes exceed each of them. */
  private static final HttpLimits TIGHT = new HttpLimits(80, 160, 4, 6, 12);

  @Test
  void parse_everySplitInTwo_sameTranscript() {
    long seed = 20_260_104;
    Random random = new Random(seed);
    RequestStreams streams = new RequestStreams(random);
    for (int i = 0; i < INPUTS; i++) {
      byte[] bytes = HttpBytes.latin(i % 2 == 0 ? streams.valid(3) : streams.hostile(3));
      HttpLimits limits = i % 3 == 0 ? TIGHT : HttpLimits.DEFAULT;
      String whole = Transcript.of(bytes, limits).toString();
      for (int cut = 0; cut <= bytes.length; cut++) {
        assertSame(Transcript.of(bytes, limits, cut), whole, seed, i, bytes);
      }
    }
  }

  @Test
  void parse_randomSplits_sameTranscript() {
    long seed = 20_260_105;
    Random random = new Random(seed);
    RequestStreams streams = new RequestStreams(random);
    for (int i = 0; i < 10 * INPUTS; i++) {
      byte[] bytes = HttpBytes.latin(i % 2 == 0 ? streams.valid(8) : streams.hostile(8));
      HttpLimits limits = i % 3 == 0 ? TIGHT : HttpLimits.DEFAULT;
      int[] cuts = Transcript.randomCuts(random, bytes.length, 1 + random.nextInt(12));
      String whole = Transcript.of(bytes, limits).toString();

      assertSame(Transcript.of(bytes, limits, cuts), whole, seed, i, bytes);
    }
  }

  @Test
  void parse_byteByByte_sameTranscript() {
    long seed = 20_260_106;
    Random random = new Random(seed);
    RequestStreams streams = new RequestStreams(random);
    for (int i = 0; i < INPUTS; i++) {
      byte[] bytes = HttpBytes.latin(i % 2 == 0 ? streams.valid(2) : streams.hostile(2));
      HttpLimits limits = i % 3 == 0 ? TIGHT : HttpLimits.DEFAULT;
      int[] cuts = IntStream.range(0, bytes.length).toArray();
      String whole = Transcript.of(bytes, limits).toString();

      assertSame(Transcript.of(bytes, limits, cuts), whole, seed, i, bytes);
    }
  }

  @Test
  void parse_validSequences_areReadCompletely() {
    long seed = 20_260_107;
    RequestStreams streams = new RequestStreams(new Random(seed));
    for (int i = 0; i < 10 * INPUTS; i++) {
      byte[] bytes = HttpBytes.latin(streams.valid(6));

      Transcript transcript = Transcript.of(bytes, HttpLimits.DEFAULT);

      assertThat(transcript.refusal)
          .as("seed %d input %d: %s", seed, i, transcript)
          .isNull();
      assertThat(transcript.incompleteAt).isEqualTo(bytes.length);
    }
  }

  private static void assertSame(
      Transcript split, String whole, long seed, int input, byte[] bytes) {
    if (!split.toString().equals(whole)) {
      assertThat(split)
          .as("seed %d input %d: %s", seed, input, HttpBytes.latin(bytes, 0, bytes.length))
          .hasToString(whole);
    }
  }
}
