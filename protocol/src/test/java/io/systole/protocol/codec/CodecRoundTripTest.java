// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.Repetitions;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.InstanceInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Decoding restores every value of the model from either format. */
@Tag("randomized")
class CodecRoundTripTest {
  private static final long SEED = 20_261_120;
  private static final int INSTANCES = Repetitions.of(500);

  private static final int REGISTRIES = Repetitions.of(30);

  private final Codec json = new JsonCodec();
  private final Codec xml = new XmlCodec();

  @Test
  void decode_ofEncodedJson_isTheSameInstance() throws MalformedDocumentException {
    RandomInstances random = new RandomInstances(SEED);

    for (int count = 0; count < INSTANCES; count++) {
      InstanceInfo instance = random.instance();

      InstanceInfo decoded = decode(json, json.encodeInstance(instance, Form.FULL));

      assertThat(decoded).as("seed %d, instance %d", SEED, count).isEqualTo(instance);
      assertThat(keys(decoded)).isEqualTo(keys(instance));
    }
  }

  @Test
  void decode_ofEncodedXml_isTheXmlRepresentableInstance() throws MalformedDocumentException {
    RandomInstances random = new RandomInstances(SEED);

    for (int count = 0; count < INSTANCES; count++) {
      InstanceInfo instance = random.instance();

      InstanceInfo decoded = decode(xml, xml.encodeInstance(instance, Form.FULL));

      assertThat(decoded)
          .as("seed %d, instance %d", SEED, count)
          .isEqualTo(XmlRepresentable.of(instance));
      assertThat(keys(decoded)).isEqualTo(keys(XmlRepresentable.of(instance)));
    }
  }

  @Test
  void decode_throughTheOtherFormat_isTheSameInstance() throws MalformedDocumentException {
    RandomInstances random = new RandomInstances(SEED + 1);

    for (int count = 0; count < INSTANCES; count++) {
      InstanceInfo instance = XmlRepresentable.of(random.instance());

      InstanceInfo viaXml = decode(xml, xml.encodeInstance(instance, Form.FULL));
      InstanceInfo viaBoth = decode(json, json.encodeInstance(viaXml, Form.FULL));

      assertThat(viaBoth).as("seed %d, instance %d", SEED + 1, count).isEqualTo(instance);
    }
  }

  @Test
  void decode_ofTheCompactForm_isTheSameInBothFormatsAndEncodesAgain()
      throws MalformedDocumentException {
    RandomInstances random = new RandomInstances(SEED + 2);

    for (int count = 0; count < INSTANCES; count++) {
      InstanceInfo instance = XmlRepresentable.of(random.instance());

      byte[] compactJson = json.encodeInstance(instance, Form.COMPACT);
      byte[] compactXml = xml.encodeInstance(instance, Form.COMPACT);
      InstanceInfo decoded = decode(json, compactJson);

      assertThat(decode(xml, compactXml)).as("instance %d", count).isEqualTo(decoded);
      assertThat(json.encodeInstance(decoded, Form.COMPACT)).isEqualTo(compactJson);
      assertThat(xml.encodeInstance(decoded, Form.COMPACT)).isEqualTo(compactXml);
      assertThat(decoded.metadata()).isEmpty();
    }
  }

  @Test
  void decode_ofAnEncodedRegistry_encodesToTheSameBytes() throws MalformedDocumentException {
    RandomInstances random = new RandomInstances(SEED + 3);

    for (int count = 0; count < REGISTRIES; count++) {
      Applications registry = random.applications();
      for (Codec codec : List.of(json, xml)) {
        for (Form form : Form.values()) {
          byte[] bytes = codec.encodeApplications(registry, form);

          Applications decoded = codec.decodeApplications(bytes, 0, bytes.length, 0);

          assertThat(codec.encodeApplications(decoded, form))
              .as("seed %d, registry %d, %s", SEED + 3, count, form)
              .isEqualTo(bytes);
        }
      }
    }
  }

  /** Texts that the instances of an application have in common must be stored once. */
  @Test
  void decode_ofSimilarInstances_sharesEqualText() throws MalformedDocumentException {
    String inJson = "{\"instance\":{\"app\":\"demo\",\"appGroupName\":\"group\","
        + "\"vipAddress\":\"demo\",\"metadata\":{\"zone\":\"a\"}}}";
    String inXml = "<instance><app>demo</app><appGroupName>group</appGroupName>"
        + "<vipAddress>demo</vipAddress><metadata><zone>a</zone></metadata></instance>";

    for (Codec codec : List.of(json, xml)) {
      byte[] bytes = (codec == json ? inJson : inXml).getBytes(UTF_8);
      InstanceInfo first = decode(codec, bytes);
      InstanceInfo second = decode(codec, bytes);

      assertThat(second.app()).isEqualTo("DEMO").isSameAs(first.app());
      assertThat(second.appGroupName()).isEqualTo("GROUP").isSameAs(first.appGroupName());
      assertThat(second.vipAddress()).isEqualTo("demo").isSameAs(first.vipAddress());
      assertThat(second.metadata()).containsEntry("zone", "a").isSameAs(first.metadata());
    }
  }

  @Test
  void codecs_usedByManyThreads_areThreadSafe() {
    RandomInstances random = new RandomInstances(SEED + 4);
    List<InstanceInfo> instances = Stream.generate(() -> XmlRepresentable.of(random.instance()))
        .limit(INSTANCES)
        .toList();

    List<InstanceInfo> decoded =
        instances.parallelStream().map(this::throughBothFormats).toList();

    assertThat(decoded).isEqualTo(instances);
  }

  private InstanceInfo throughBothFormats(InstanceInfo instance) {
    try {
      InstanceInfo viaXml = decode(xml, xml.encodeInstance(instance, Form.FULL));
      return decode(json, json.encodeInstance(viaXml, Form.FULL));
    } catch (MalformedDocumentException e) {
      throw new AssertionError(instance.toString(), e);
    }
  }

  private static InstanceInfo decode(Codec codec, byte[] bytes) throws MalformedDocumentException {
    byte[] padded = new byte[bytes.length + 5];
    System.arraycopy(bytes, 0, padded, 3, bytes.length);
    return codec.decodeInstance(padded, 3, bytes.length, 0);
  }

  private static List<String> keys(InstanceInfo instance) {
    return new ArrayList<>(instance.metadata().keySet());
  }
}
