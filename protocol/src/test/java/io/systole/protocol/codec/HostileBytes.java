// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.Applications;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.ReplicationItem;
import io.systole.protocol.model.ReplicationItemResponse;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;

/**
 * Assertions for arbitrary bytes: a document is either refused with a valid offset, or the decoded
 * value can be encoded in every format and decoded again.
 */
final class HostileBytes {
  private static final Codec JSON = new JsonCodec();
  private static final Codec XML = new XmlCodec();
  private static final ReplicationCodec BATCHES = new ReplicationCodec();

  private HostileBytes() {}

  /** Returns a copy of the document with a few bytes flipped, replaced, copied or cut off. */
  static byte[] mutant(byte[] document, Random random) {
    byte[] mutant = document.clone();
    for (int edits = 1 + random.nextInt(3); edits > 0; edits--) {
      int at = random.nextInt(mutant.length);
      int from = random.nextInt(mutant.length);
      int count = Math.min(random.nextInt(16), mutant.length - Math.max(at, from));
      switch (random.nextInt(4)) {
        case 0 -> mutant[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> mutant[at] = (byte) random.nextInt(256);
        case 2 -> System.arraycopy(document, from, mutant, at, count);
        default -> mutant = Arrays.copyOf(mutant, Math.max(1, mutant.length - random.nextInt(4)));
      }
    }
    return mutant;
  }

  /** Returns whether the bytes are refused; fails if they are accepted but do not round-trip. */
  static boolean isInstanceRefused(byte[] bytes, Codec codec) {
    InstanceInfo instance;
    try {
      instance = codec.decodeInstance(bytes, 0, bytes.length, 0);
    } catch (MalformedDocumentException e) {
      return isRefusal(e, bytes);
    }
    requireRoundTrip(instance);
    return false;
  }

  /** Like {@link #isInstanceRefused}, for a registry. */
  static boolean isRegistryRefused(byte[] bytes, Codec codec) {
    Applications registry;
    try {
      registry = codec.decodeApplications(bytes, 0, bytes.length, 0);
    } catch (MalformedDocumentException e) {
      return isRefusal(e, bytes);
    }
    byte[] json = JSON.encodeApplications(registry, Form.FULL);
    assertThat(read(() -> JSON.decodeApplications(json, 0, json.length, 0))).isEqualTo(registry);
    assertThat(XML.encodeApplications(registry, Form.COMPACT)).isNotEmpty();
    return false;
  }

  /** Like {@link #isInstanceRefused}, for a batch, which must be read alike in both ways. */
  static boolean isBatchRefused(byte[] bytes) {
    BatchReadings.requireAlike(bytes);
    List<ReplicationItem> items;
    try {
      items = BATCHES.decodeItems(bytes, 0, bytes.length, 0);
    } catch (MalformedDocumentException e) {
      return isRefusal(e, bytes);
    }
    if (items != null) {
      items.stream().map(ReplicationItem::instance).filter(Objects::nonNull).forEach(each -> {
        requireRoundTrip(each);
        assertThat(BATCHES.encodeResponses(List.of(new ReplicationItemResponse(409, each))))
            .isNotEmpty();
      });
    }
    return false;
  }

  private static void requireRoundTrip(InstanceInfo instance) {
    byte[] json = JSON.encodeInstance(instance, Form.FULL);
    byte[] xml = XML.encodeInstance(instance, Form.FULL);
    InstanceInfo viaXml = read(() -> XML.decodeInstance(xml, 0, xml.length, 0));

    assertThat(read(() -> JSON.decodeInstance(json, 0, json.length, 0))).isEqualTo(instance);
    assertThat(XML.encodeInstance(viaXml, Form.FULL)).isEqualTo(xml);
    assertThat(JSON.encodeInstance(instance, Form.COMPACT)).isNotEmpty();
    assertThat(XML.encodeInstance(instance, Form.COMPACT)).isNotEmpty();
  }

  private interface Reading<T> {
    T read() throws MalformedDocumentException;
  }

  /** Reads a document of our own encoder, which must not be refused. */
  private static <T> T read(Reading<T> reading) {
    try {
      return reading.read();
    } catch (MalformedDocumentException e) {
      throw new AssertionError("our own document is refused", e);
    }
  }

  private static boolean isRefusal(MalformedDocumentException refusal, byte[] bytes) {
    assertThat(refusal.offset()).isBetween(0L, (long) bytes.length);
    return true;
  }
}
