// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.protocol.Repetitions;
import io.systole.protocol.model.InstanceInfo;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Hostile bytes must be refused in time and without other exceptions. */
@Tag("randomized")
@Timeout(60)
class CodecFuzzTest {
  private static final long SEED = 20_261_121;
  private static final int MUTATIONS = Repetitions.of(400);

  private final Codec json = new JsonCodec();
  private final Codec xml = new XmlCodec();

  static Stream<byte[]> documents() {
    RandomInstances random = new RandomInstances(SEED);
    List<byte[]> documents = new ArrayList<>();
    documents.add(Capture.of("get-instance-json").response().body());
    documents.add(Capture.of("client-spring-register").request().body());
    documents.add(new JsonCodec().encodeInstance(random.instance(), Form.FULL));
    documents.add(Capture.of("get-instance-xml").response().body());
    documents.add(Capture.of("reg-xml").request().body());
    documents.add(new XmlCodec().encodeInstance(random.instance(), Form.FULL));
    return documents.stream();
  }

  @ParameterizedTest
  @MethodSource("documents")
  void decode_valid_isAccepted(byte[] document) throws MalformedDocumentException {
    InstanceInfo instance = codecOf(document).decodeInstance(document, 0, document.length, 0);

    assertThat(instance).isNotNull();
  }

  @ParameterizedTest
  @MethodSource("documents")
  void decode_truncatedAnywhere_isRefused(byte[] document) {
    for (int length = 0; length < document.length; length++) {
      int cut = length;

      assertThatThrownBy(() -> codecOf(document).decodeInstance(document, 0, cut, 0))
          .as("first %d bytes", cut)
          .isInstanceOf(MalformedDocumentException.class)
          .hasNoCause();
    }
  }

  @ParameterizedTest
  @MethodSource("documents")
  void decode_mutated_isRefusedOrCanBeEncoded(byte[] document) {
    Random random = new Random(SEED);
    int refused = 0;

    for (int count = 0; count < MUTATIONS; count++) {
      byte[] mutant = HostileBytes.mutant(document, random);
      refused += isRefused(mutant, codecOf(document)) ? 1 : 0;
    }

    assertThat(refused).as("refused of %d, seed %d", MUTATIONS, SEED).isBetween(1, MUTATIONS - 1);
  }

  @Test
  void decode_noise_isRefused() {
    Random random = new Random(SEED);

    for (int count = 0; count < MUTATIONS; count++) {
      byte[] noise = new byte[random.nextInt(64)];
      random.nextBytes(noise);

      assertThat(isRefused(noise, json)).as("seed %d, noise %d", SEED, count).isTrue();
      assertThat(isRefused(noise, xml)).as("seed %d, noise %d", SEED, count).isTrue();
    }
  }

  private boolean isRefused(byte[] bytes, Codec codec) {
    try {
      return HostileBytes.isInstanceRefused(bytes, codec);
    } catch (RuntimeException | AssertionError | StackOverflowError e) {
      throw new AssertionError(
          "seed " + SEED + ": " + new String(bytes, StandardCharsets.UTF_8), e);
    }
  }

  private Codec codecOf(byte[] document) {
    return document[0] == '<' ? xml : json;
  }
}
