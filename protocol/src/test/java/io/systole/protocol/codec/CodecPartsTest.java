// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.Repetitions;
import io.systole.protocol.codec.Codec.RootElement;
import io.systole.protocol.model.Application;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.InstanceInfo;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Concatenated parts must equal the whole document, byte for byte. */
@Tag("randomized")
class CodecPartsTest {
  private static final long SEED = 20_261_121;
  private static final int REGISTRIES = Repetitions.of(30);
  private static final int INSTANCES_MAX = 9;

  private final Random random = new Random(SEED);

  static Stream<Arguments> codecsAndForms() {
    return Stream.of(new JsonCodec(), new XmlCodec())
        .flatMap(codec -> Stream.of(Form.values()).map(form -> Arguments.of(codec, form)));
  }

  @ParameterizedTest
  @MethodSource("codecsAndForms")
  void parts_ofARegistrySplitAnywhere_equalTheWhole(Codec codec, Form form) {
    RandomInstances instances = new RandomInstances(SEED);

    for (int count = 0; count < REGISTRIES; count++) {
      Applications registry = registry(instances, count % 4);

      byte[] joined = joined(registry, codec, form);

      assertThat(joined)
          .as("seed %d, registry %d", SEED, count)
          .isEqualTo(codec.encodeApplications(registry, form));
    }
  }

  @ParameterizedTest
  @MethodSource("codecsAndForms")
  void parts_ofAnApplicationSplitAnywhere_equalTheWhole(Codec codec, Form form) {
    RandomInstances instances = new RandomInstances(SEED + 1);

    for (int count = 0; count < REGISTRIES; count++) {
      Application application = application(instances, count % INSTANCES_MAX);

      ByteArrayOutputStream joined = new ByteArrayOutputStream();
      join(application, RootElement.APPLICATION, codec, form, joined);

      assertThat(joined.toByteArray())
          .as("seed %d, application %d", SEED + 1, count)
          .isEqualTo(codec.encodeApplication(application, form));
    }
  }

  @ParameterizedTest
  @MethodSource("codecsAndForms")
  void instances_ofNone_areNoBytes(Codec codec, Form form) {
    byte[] none = codec.instances(List.of(), RootElement.APPLICATIONS, form);

    assertThat(none).isEmpty();
  }

  @Test
  void parts_ofAnEmptyRegistryInJson_areThoseOfTheReference() {
    Codec json = new JsonCodec();

    String full = new String(json.applicationsHead("1", "", Form.FULL), UTF_8)
        + new String(json.applicationsTail("1", "", true, Form.FULL), UTF_8);
    String compact = new String(json.applicationsHead("1", "", Form.COMPACT), UTF_8)
        + new String(json.applicationsTail("1", "", true, Form.COMPACT), UTF_8);

    assertThat(full)
        .isEqualTo("{\"applications\":{\"versions__delta\":\"1\",\"apps__hashcode\":\"\","
            + "\"application\":[]}}");
    assertThat(compact)
        .isEqualTo("{\"applications\":{\"application\":[],\"registeredApplicationsEmpty\":true,"
            + "\"versions__delta\":\"1\",\"apps__hashcode\":\"\"}}");
  }

  private byte[] joined(Applications registry, Codec codec, Form form) {
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    String version = registry.version();
    String appsHashCode = registry.appsHashCode();
    joined.writeBytes(codec.applicationsHead(version, appsHashCode, form));
    boolean isFirst = true;
    for (Application application : registry.applications()) {
      if (!isFirst) {
        joined.writeBytes(codec.separator());
      }
      isFirst = false;
      join(application, RootElement.APPLICATIONS, codec, form, joined);
    }
    joined.writeBytes(codec.applicationsTail(version, appsHashCode, isFirst, form));
    return joined.toByteArray();
  }

  /** Writes an application in parts of random size. */
  private void join(
      Application application,
      RootElement root,
      Codec codec,
      Form form,
      ByteArrayOutputStream joined) {
    List<InstanceInfo> instances = application.instances();
    joined.writeBytes(codec.applicationHead(application.name(), root, form));
    int from = 0;
    while (from < instances.size()) {
      int to = from + 1 + random.nextInt(instances.size() - from);
      if (from > 0) {
        joined.writeBytes(codec.separator());
      }
      joined.writeBytes(codec.instances(instances.subList(from, to), root, form));
      from = to;
    }
    joined.writeBytes(codec.applicationTail(root, form));
  }

  private Applications registry(RandomInstances instances, int size) {
    List<Application> applications = new ArrayList<>();
    for (int count = 0; count < size; count++) {
      applications.add(application(instances, random.nextInt(INSTANCES_MAX)));
    }
    String odd = instances.instance().app();
    return new Applications(odd, "UP_" + odd.length() + '_', applications);
  }

  private static Application application(RandomInstances instances, int size) {
    List<InstanceInfo> members =
        Stream.generate(instances::instance).limit(size).toList();
    return new Application(instances.instance().app(), members);
  }
}
