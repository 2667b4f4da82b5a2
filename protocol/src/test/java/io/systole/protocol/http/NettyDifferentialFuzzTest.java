// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.InvalidChunkExtensionException;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Our reading held against Netty's decoder on hostile bytes: the same requests with the same bodies
 * up to the first refusal, and where one goes on and the other refuses, a named reason.
 */
final class NettyDifferentialFuzzTest {
  private static final int INPUTS = 25_000;

  /** Kinds of agreement, counted beside the classes of disagreement. */
  private static final String BOTH_WAIT = "both read all there is";

  private static final String BOTH_REFUSE = "both refuse";
  private static final String OURS_IS_EARLIER = "ours refuses, Netty needs more bytes";

  /**
   * The one thing we let pass and Netty does not: what stands in a chunk extension. We ignore it
   * (RFC 9112 §7.1.1) within the bytes of a field value, Netty parses it (and stumbles over bytes
   * above 127). Both end its line with CRLF alone, so they cannot disagree on the data.
   */
  private static final String EXTENSION_GRAMMAR = "Netty is stricter: EXTENSION_GRAMMAR";

  private final EmbeddedChannel channel = new EmbeddedChannel();

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  @Test
  void parse_hostileBytes_isReadLikeNettyUnlessOursIsStricter() {
    long seed = 20_260_108;
    Random random = new Random(seed);
    RequestStreams streams = new RequestStreams(random);
    Map<String, Integer> counts = new TreeMap<>();
    for (int i = 0; i < INPUTS; i++) {
      byte[] bytes = HttpBytes.latin(i % 10 == 0 ? streams.good(3) : streams.hostile(3));
      int[] cuts = Transcript.randomCuts(random, bytes.length, random.nextInt(3));
      Transcript ours = Transcript.of(bytes, HttpLimits.DEFAULT, cuts);
      NettyTranscript netty = NettyTranscript.of(bytes, channel);
      counts.merge(compare(bytes, ours, netty, "seed " + seed + " input " + i), 1, Integer::sum);
    }
    counts.forEach((kind, count) -> System.out.printf("%6d  %s%n", count, kind));

    assertThat(counts).containsKeys(BOTH_WAIT, BOTH_REFUSE, OURS_IS_EARLIER, EXTENSION_GRAMMAR);
  }

  @ParameterizedTest
  @EnumSource
  void parse_exampleOfAClass_isRefusedByUsAlone(OursIsStricter stricter) {
    byte[] bytes = HttpBytes.latin(stricter.example);

    Transcript ours = Transcript.of(bytes, HttpLimits.DEFAULT);
    NettyTranscript netty = NettyTranscript.of(bytes, channel);

    assertThat(progress(ours)).isLessThan(progress(netty));
    assertThat(stricter.explains(Offence.of(bytes, ours))).isTrue();
  }

  /** The kind of agreement or the class of disagreement; fails the test when there is none. */
  private String compare(byte[] bytes, Transcript ours, NettyTranscript netty, String input) {
    String context =
        String.join("\n", input, HttpBytes.latin(bytes, 0, bytes.length), "ours: " + ours)
            + "\nNetty: "
            + netty;
    requireSameWhereBothRead(ours, netty, context);
    int further = Long.compare(progress(ours), progress(netty));
    if (further < 0 && ours.refusal != null) {
      return explain(Offence.of(bytes, ours), context);
    }
    if (further == 0 && ours.refusal != null) {
      return netty.refusal == null ? OURS_IS_EARLIER : BOTH_REFUSE;
    }
    if (further == 0 && netty.refusal == null) {
      return BOTH_WAIT;
    }
    if (isAboutAnExtension(netty)) {
      return EXTENSION_GRAMMAR;
    }
    return fail("no class explains it: " + context);
  }

  /** Heads read, and bodies read to their end. */
  private static long progress(Transcript ours) {
    return ours.messages.size()
        + ours.messages.stream().filter(read -> read.complete).count();
  }

  private static long progress(NettyTranscript netty) {
    return netty.messages.size()
        + netty.messages.stream().filter(read -> read.complete).count();
  }

  private static void requireSameWhereBothRead(
      Transcript ours, NettyTranscript netty, String context) {
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
        fail("request %d is read in two ways: %s", i, context);
      }
    }
  }

  private String explain(Offence offence, String context) {
    for (OursIsStricter stricter : OursIsStricter.values()) {
      if (stricter.explains(offence)) {
        return name(stricter);
      }
    }
    return fail("no class explains the refusal: " + context);
  }

  private String name(OursIsStricter stricter) {
    return "ours is stricter: " + stricter + ", " + stricter.rule;
  }

  private static boolean isAboutAnExtension(NettyTranscript netty) {
    String cause = String.valueOf(netty.refusal);
    return netty.refusal instanceof InvalidChunkExtensionException
        || (netty.refusal instanceof IndexOutOfBoundsException && cause.contains("bitIndex < 0"));
  }
}
