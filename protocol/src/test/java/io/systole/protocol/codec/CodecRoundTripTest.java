// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.Applications;
import io.systole.protocol.model.DataCenterInfo;
import io.systole.protocol.model.InstanceInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Whatever the model holds comes back from either format, and from one through the other. */
class CodecRoundTripTest {
  private static final long SEED = 20_261_120;
  private static final int INSTANCES = 5_000;

  private final Codec json = new JsonCodec();
  private final Codec xml = new XmlCodec();

  @Test
  void decode_ofEncodedJson_isTheSameInstance() throws MalformedDocument {
    RandomInstances random = new RandomInstances(SEED);

    for (int count = 0; count < INSTANCES; count++) {
      InstanceInfo instance = random.instance();

      InstanceInfo decoded = decode(json, json.encodeInstance(instance, Form.FULL));

      assertThat(decoded).as("seed %d, instance %d", SEED, count).isEqualTo(instance);
      assertThat(keys(decoded)).isEqualTo(keys(instance));
    }
  }

  @Test
  void decode_ofEncodedXml_isTheSameButForWhatXmlCannotHold() throws MalformedDocument {
    RandomInstances random = new RandomInstances(SEED);

    for (int count = 0; count < INSTANCES; count++) {
      InstanceInfo instance = random.instance();

      InstanceInfo decoded = decode(xml, xml.encodeInstance(instance, Form.FULL));

      assertThat(decoded).as("seed %d, instance %d", SEED, count).isEqualTo(asXmlHolds(instance));
      assertThat(keys(decoded)).isEqualTo(keys(asXmlHolds(instance)));
    }
  }

  @Test
  void decode_throughTheOtherFormat_isTheSameInstance() throws MalformedDocument {
    RandomInstances random = new RandomInstances(SEED + 1);

    for (int count = 0; count < INSTANCES; count++) {
      InstanceInfo instance = asXmlHolds(random.instance());

      InstanceInfo viaXml = decode(xml, xml.encodeInstance(instance, Form.FULL));
      InstanceInfo viaBoth = decode(json, json.encodeInstance(viaXml, Form.FULL));

      assertThat(viaBoth).as("seed %d, instance %d", SEED + 1, count).isEqualTo(instance);
    }
  }

  @Test
  void decode_ofTheCompactForm_isTheSameInBothFormatsAndEncodesAgain() throws MalformedDocument {
    RandomInstances random = new RandomInstances(SEED + 2);

    for (int count = 0; count < INSTANCES; count++) {
      InstanceInfo instance = asXmlHolds(random.instance());

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
  void decode_ofAnEncodedRegistry_encodesToTheSameBytes() throws MalformedDocument {
    RandomInstances random = new RandomInstances(SEED + 3);

    for (int count = 0; count < 300; count++) {
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

  @Test
  void codecs_usedByManyThreadsAtOnce_giveEachItsOwn() {
    RandomInstances random = new RandomInstances(SEED + 4);
    List<InstanceInfo> instances =
        Stream.generate(() -> asXmlHolds(random.instance())).limit(2_000).toList();

    List<InstanceInfo> decoded =
        instances.parallelStream().map(this::throughBothFormats).toList();

    assertThat(decoded).isEqualTo(instances);
  }

  private InstanceInfo throughBothFormats(InstanceInfo instance) {
    try {
      InstanceInfo viaXml = decode(xml, xml.encodeInstance(instance, Form.FULL));
      return decode(json, json.encodeInstance(viaXml, Form.FULL));
    } catch (MalformedDocument e) {
      throw new AssertionError(instance.toString(), e);
    }
  }

  private static InstanceInfo decode(Codec codec, byte[] bytes) throws MalformedDocument {
    byte[] within = new byte[bytes.length + 5];
    System.arraycopy(bytes, 0, within, 3, bytes.length);
    return codec.decodeInstance(within, 3, bytes.length, 0);
  }

  private static List<String> keys(InstanceInfo instance) {
    return new ArrayList<>(instance.metadata().keySet());
  }

  /** Says what XML makes of it: no empty key, no nameless data center, no forbidden character. */
  private static InstanceInfo asXmlHolds(InstanceInfo instance) {
    DataCenterInfo dataCenter = instance.dataCenterInfo();
    return instance.toBuilder()
        .instanceId(allowed(instance.instanceId()))
        .hostName(allowed(instance.hostName()))
        .app(instance.app().isEmpty() ? "" : replaced(instance.app()))
        .ipAddr(allowed(instance.ipAddr()))
        .sid(allowed(instance.sid()))
        .dataCenterInfo(dataCenter == null ? null : asXmlHolds(dataCenter))
        .metadata(asXmlHolds(instance.metadata()))
        .appGroupName(allowed(instance.appGroupName()))
        .homePageUrl(allowed(instance.homePageUrl()))
        .statusPageUrl(allowed(instance.statusPageUrl()))
        .healthCheckUrl(allowed(instance.healthCheckUrl()))
        .secureHealthCheckUrl(allowed(instance.secureHealthCheckUrl()))
        .vipAddress(allowed(instance.vipAddress()))
        .secureVipAddress(allowed(instance.secureVipAddress()))
        .asgName(allowed(instance.asgName()))
        .build();
  }

  private static @Nullable DataCenterInfo asXmlHolds(DataCenterInfo dataCenter) {
    return dataCenter.name() == null
        ? null
        : new DataCenterInfo(dataCenter.name(), asXmlHolds(dataCenter.metadata()));
  }

  private static Map<String, String> asXmlHolds(Map<String, String> metadata) {
    Map<String, String> held = new LinkedHashMap<>();
    metadata.forEach((key, value) -> held.put(key, replaced(value)));
    held.remove("");
    return held;
  }

  private static @Nullable String allowed(@Nullable String text) {
    return text == null ? null : replaced(text);
  }

  private static String replaced(String text) {
    return text.replaceAll("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\ufffe\\uffff]", "\ufffd");
  }
}
