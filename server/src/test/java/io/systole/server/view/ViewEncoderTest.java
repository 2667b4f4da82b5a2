// SPDX-License-Identifier: Apache-2.0
package io.systole.server.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.codec.Codec;
import io.systole.protocol.codec.Form;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.codec.Root;
import io.systole.protocol.codec.XmlCodec;
import io.systole.protocol.model.Application;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.InstanceInfo;
import io.systole.server.registry.Instances;
import io.systole.server.view.ViewEncoder.Heading;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Large instances, which were encoded 64 at a time: four megabytes and several copies of them. */
class ViewEncoderTest {
  private static final int LARGE = 60_000;
  private static final int MARKUP_BYTES_MAX = 8_000;
  private static final Heading HEADING = new Heading("7", "UP_66_");

  private static final Map<Language, Codec> CODECS =
      Map.of(Language.JSON, new JsonCodec(), Language.XML, new XmlCodec());

  private final ViewEncoder encoder = new ViewEncoder(CODECS);
  private final Shelves shelves = new Shelves();
  private final List<InstanceInfo> all = new ArrayList<>();

  ViewEncoderTest() {
    add("SMALL", 10);
    for (int i = 0; i < Block.INSTANCES_MAX; i++) {
      add("LARGE", LARGE);
    }
    add("LAST", LARGE);
  }

  @AfterEach
  void close() {
    encoder.close();
  }

  @ParameterizedTest
  @EnumSource(Style.class)
  void registry_largeInstances_areEncodedInBoundedParts(Style style) {
    List<Pieces> groups = style.root() == Root.APPLICATIONS
        ? encoder.registry(style, HEADING, shelves.all())
        : encoder.application(style, shelf("LARGE"));

    assertBounded(groups);
    if (style.root() == Root.APPLICATIONS) {
      assertThat(plain(groups)).isEqualTo(expected(style));
      assertThat(unzipped(groups)).isEqualTo(expected(style));
    }
  }

  @ParameterizedTest
  @EnumSource(value = Style.class, mode = EnumSource.Mode.EXCLUDE, names = "XML_FULL_ALONE")
  void document_largeInstances_areEncodedInBoundedParts(Style style) {
    List<Pieces> groups = encoder.document(style, HEADING, all);

    assertBounded(groups);
    assertThat(plain(groups)).isEqualTo(expected(style));
  }

  @Test
  void pieces_smallInstances_areEncodedAtOnce() {
    Block block = Objects.requireNonNull(shelf("SMALL").first);

    assertThat(encoder.pieces(block, Style.JSON_FULL).count()).isEqualTo(1);
  }

  private void add(String app, int bytes) {
    int number = all.size();
    InstanceInfo instance = Instances.up(app, "i-" + number, 90).toBuilder()
        .metadata(Map.of("large", "x".repeat(bytes)))
        .build();
    shelves.add(number, instance, number);
    all.add(instance);
  }

  private Shelf shelf(String name) {
    return shelves.all().stream()
        .filter(each -> each.name.equals(name))
        .findAny()
        .orElseThrow();
  }

  private byte[] expected(Style style) {
    List<Application> applications = shelves.all().stream()
        .map(shelf -> new Application(shelf.name, shelf.documents()))
        .toList();
    Form form = style.form();
    return Objects.requireNonNull(CODECS.get(style.language()))
        .encodeApplications(
            new Applications(HEADING.version(), HEADING.appsHashCode(), applications), form);
  }

  private static void assertBounded(List<Pieces> groups) {
    for (Pieces group : groups) {
      for (int i = 0; i < group.count(); i++) {
        assertThat(group.part(i).plainLength())
            .isLessThan(ViewEncoder.PART_BYTES_MAX + MARKUP_BYTES_MAX);
      }
    }
  }

  private static byte[] plain(List<Pieces> groups) {
    return Bytes.plain(new EncodedView(1, "tag", groups));
  }

  private static byte[] unzipped(List<Pieces> groups) {
    return Bytes.unzipped(Bytes.gzip(new EncodedView(1, "tag", groups)));
  }
}
