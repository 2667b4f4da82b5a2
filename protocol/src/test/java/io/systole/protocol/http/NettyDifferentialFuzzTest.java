// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.InvalidChunkExtensionException;
import io.systole.protocol.Repetitions;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Compares our parsers with Netty's decoder on hostile bytes. Both must read the same requests and
 * bodies up to the first error. If only one of them reports an error, it must have a known reason.
 */
@Tag("randomized")
final class NettyDifferentialFuzzTest {
  private static final int INPUTS = Repetitions.of(2_500);

  /** Kinds of agreement, counted in addition to the classes of disagreement. */
  private static final String BOTH_WAIT = "both consume all bytes";

  private static final String BOTH_REFUSE = "both refuse";
  private static final String OURS_FAILS_FIRST = "ours refuses, Netty needs more bytes";

  /**
   * The only input that our parser accepts and Netty refuses: malformed chunk extensions. Our
   * parser ignores extensions that consist of field-value bytes (RFC 9112 §7.1.1). Netty parses
   * them, and fails on bytes above 127. Both require CRLF at the end of the line, so they agree on
   * the data.
   */
  private static final String EXTENSION_GRAMMAR = "Netty is stricter: EXTENSION_GRAMMAR";

  private final EmbeddedChannel channel = new EmbeddedChannel();

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  @Test
  void parse_hostileBytes_isReadLikeNettyOrRefused() {
    long seed = 20_260_108;
    Random random = new Random(seed);
    RequestStreams streams = new RequestStreams(random);
    Map<String, Integer> counts = new TreeMap<>();
    for (int i = 0; i < INPUTS; i++) {
      byte[] bytes = HttpBytes.latin(i % 10 == 0 ? streams.valid(3) : streams.hostile(3));
      int[] cuts = Transcript.randomCuts(random, bytes.length, random.nextInt(3));
      Transcript ours = Transcript.of(bytes, HttpLimits.DEFAULT, cuts);
      NettyTranscript netty = NettyTranscript.of(bytes, channel);
      counts.merge(compare(bytes, ours, netty, "seed " + seed + " input " + i), 1, Integer::sum);
    }
    counts.forEach((kind, count) -> System.out.printf("%6d  %s%n", count, kind));

    assertThat(counts).containsKeys(BOTH_WAIT, BOTH_REFUSE, OURS_FAILS_FIRST, EXTENSION_GRAMMAR);
  }

  @ParameterizedTest
  @EnumSource
  void parse_exampleOfAClass_isRefusedByUsAlone(StricterThanNetty stricter) {
    byte[] bytes = HttpBytes.latin(stricter.example);

    Transcript ours = Transcript.of(bytes, HttpLimits.DEFAULT);
    NettyTranscript netty = NettyTranscript.of(bytes, channel);

    assertThat(progress(ours)).isLessThan(progress(netty));
    assertThat(stricter.explains(ParseErrorContext.of(bytes, ours))).isTrue();
  }

  /** Returns the kind of agreement or the class of disagreement; fails if there is none. */
  private String compare(byte[] bytes, Transcript ours, NettyTranscript netty, String input) {
    String context =
        String.join("\n", input, HttpBytes.latin(bytes, 0, bytes.length), "ours: " + ours)
            + "\nNetty: "
            + netty;
    requireSameRequests(ours, netty, context);
    int progress = Long.compare(progress(ours), progress(netty));
    if (progress < 0 && ours.refusal != null) {
      return explain(ParseErrorContext.of(bytes, ours), context);
    }
    if (progress == 0 && ours.refusal != null) {
      return netty.refusal == null ? OURS_FAILS_FIRST : BOTH_REFUSE;
    }
    if (progress == 0 && netty.refusal == null) {
      return BOTH_WAIT;
    }
    if (isExtensionError(netty)) {
      return EXTENSION_GRAMMAR;
    }
    return fail("unexpected difference: " + context);
  }

  /** Returns the number of heads and complete bodies. */
  private static long progress(Transcript ours) {
    return ours.messages.size()
        + ours.messages.stream().filter(read -> read.complete).count();
  }

  private static long progress(NettyTranscript netty) {
    return netty.messages.size()
        + netty.messages.stream().filter(read -> read.complete).count();
  }

  private static void requireSameRequests(Transcript ours, NettyTranscript netty, String context) {
    int common = Math.min(ours.messages.size(), netty.messages.size());
    for (int i = 0; i < common; i++) {
      Transcript.Message our = ours.messages.get(i);
      NettyTranscript.Message their = netty.messages.get(i);
      String ourBody = our.body.toString();
      String theirBody = their.body.toString();
      boolean same = ourBody.startsWith(theirBody) || theirBody.startsWith(ourBody);
      if (our.complete && their.complete) {
        same = ourBody.equals(theirBody);
      }
      if (!same || !their.hasHeadOf(our)) {
        fail("request %d differs: %s", i, context);
      }
    }
  }

  private String explain(ParseErrorContext error, String context) {
    for (StricterThanNetty stricter : StricterThanNetty.values()) {
      if (stricter.explains(error)) {
        return name(stricter);
      }
    }
    return fail("unexpected error of ours: " + context);
  }

  private String name(StricterThanNetty stricter) {
    return "ours is stricter: " + stricter + ", " + stricter.rule;
  }

  private static boolean isExtensionError(NettyTranscript netty) {
    String cause = String.valueOf(netty.refusal);
    return netty.refusal instanceof InvalidChunkExtensionException
        || (netty.refusal instanceof IndexOutOfBoundsException && cause.contains("bitIndex < 0"));
  }
}
