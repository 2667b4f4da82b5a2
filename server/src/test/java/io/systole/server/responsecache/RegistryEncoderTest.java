// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.codec.Codec;
import io.systole.protocol.codec.Codec.RootElement;
import io.systole.protocol.codec.Form;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.codec.XmlCodec;
import io.systole.protocol.model.Application;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.InstanceInfo;
import io.systole.server.registry.Instances;
import io.systole.server.responsecache.ApplicationBlocks.InstanceBlock;
import io.systole.server.responsecache.RegistryEncoder.RegistryHeader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Large instances: they were encoded 64 at a time, in several copies of four megabytes. */
class RegistryEncoderTest {
  private static final int LARGE = 60_000;
  private static final int MARKUP_BYTES_MAX = 8_000;
  private static final RegistryHeader HEADER = new RegistryHeader("7", "UP_66_");

  private static final Map<DocumentFormat, Codec> CODECS =
      Map.of(DocumentFormat.JSON, new JsonCodec(), DocumentFormat.XML, new XmlCodec());

  private final RegistryEncoder encoder = new RegistryEncoder(CODECS);
  private final BlockStore blockStore = new BlockStore();
  private final ApplicationGroups groups = new ApplicationGroups();
  private final List<InstanceInfo> all = new ArrayList<>();

  RegistryEncoderTest() {
    add("SMALL", 10);
    for (int i = 0; i < InstanceBlock.INSTANCES_MAX; i++) {
      add("LARGE", LARGE);
    }
    add("LAST", LARGE);
  }

  @AfterEach
  void close() {
    encoder.close();
  }

  @ParameterizedTest
  @EnumSource(BlockEncoding.class)
  void registry_largeInstances_areEncodedInBoundedParts(BlockEncoding encoding) {
    List<SegmentList> elements = encoding.root() == RootElement.APPLICATIONS
        ? encoder.registry(encoding, HEADER, blockStore.all())
        : encoder.application(encoding, appBlocks("LARGE"));

    assertBounded(elements);
    if (encoding.root() == RootElement.APPLICATIONS) {
      assertThat(plain(elements)).isEqualTo(expected(encoding));
      assertThat(unzipped(elements)).isEqualTo(expected(encoding));
    }
  }

  @ParameterizedTest
  @EnumSource(value = BlockEncoding.class, mode = EnumSource.Mode.EXCLUDE, names = "XML_FULL_ALONE")
  void document_largeInstances_areEncodedInBoundedParts(BlockEncoding encoding) {
    List<SegmentList> elements = encoder.document(encoding, HEADER, all);

    assertBounded(elements);
    assertThat(plain(elements)).isEqualTo(expected(encoding));
  }

  @Test
  void segments_smallInstances_areEncodedTogether() {
    InstanceBlock block = Objects.requireNonNull(appBlocks("SMALL").first);

    assertThat(encoder.segments(block, BlockEncoding.JSON_FULL).count()).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource(value = BlockEncoding.class, mode = EnumSource.Mode.EXCLUDE, names = "XML_FULL_ALONE")
  void registry_groupsOfApplications_hasTheSameTextInBoundedParts(BlockEncoding encoding) {
    for (int i = 0; i < 100; i++) {
      add("APP" + i % 30, i % 10 == 0 ? LARGE : 10);
    }

    List<SegmentList> elements = encoder.registry(encoding, HEADER, groups);

    assertBounded(elements);
    assertThat(plain(elements)).isEqualTo(expected(encoding));
    assertThat(unzipped(elements)).isEqualTo(expected(encoding));
  }

  @Test
  void application_inASharedGroup_keepsNoSegmentsOfItsOwn() {
    add("ONE", 10);
    add("OTHER", 10);
    ApplicationBlocks one = appBlocks("ONE");

    List<SegmentList> document = encoder.application(BlockEncoding.JSON_FULL, one);

    assertThat(new String(plain(document), StandardCharsets.UTF_8)).contains("\"name\":\"ONE\"");
    assertThat(one.isInSharedGroup()).isTrue();
    assertThat(Objects.requireNonNull(one.first).segments(BlockEncoding.JSON_FULL))
        .isNull();
  }

  /** All were encoded again after each change, 20,000 applications in most of a second. */
  @Test
  void vip_ofSeveralSmallApplications_encodesOnlyTheChangedOneAgain() {
    VipIndex vips = new VipIndex(any -> "shared");
    for (int i = 0; i < 3; i++) {
      add("APP" + i, 10);
      vips.apply(appBlocks("APP" + i), null, all.get(all.size() - 1), i);
    }
    List<SegmentList> before = encoder.vip(BlockEncoding.JSON_FULL, "shared", vips);
    int number = all.size() - 1;
    groups.update(blockStore.replace(number, all.get(number), all.size()));

    List<SegmentList> after = encoder.vip(BlockEncoding.JSON_FULL, "shared", vips);

    // The head, three applications, the tail.
    assertThat(before).hasSize(5);
    assertThat(appBlocks("APP1").isInSharedGroup()).isTrue();
    assertThat(after.get(2)).isSameAs(before.get(2));
    assertThat(after.get(3)).isNotSameAs(before.get(3));
    assertThat(plain(after)).isEqualTo(plain(before));
  }

  private void add(String app, int bytes) {
    int number = all.size();
    InstanceInfo instance = Instances.up(app, "i-" + number, 90).toBuilder()
        .metadata(Map.of("large", "x".repeat(bytes)))
        .build();
    groups.update(blockStore.add(number, instance, number));
    all.add(instance);
  }

  private ApplicationBlocks appBlocks(String name) {
    return blockStore.all().stream()
        .filter(each -> each.name.equals(name))
        .findAny()
        .orElseThrow();
  }

  private byte[] expected(BlockEncoding encoding) {
    List<Application> applications = blockStore.all().stream()
        .map(appBlocks -> new Application(appBlocks.name, appBlocks.documents()))
        .toList();
    Form form = encoding.form();
    return Objects.requireNonNull(CODECS.get(encoding.format()))
        .encodeApplications(
            new Applications(HEADER.version(), HEADER.appsHashCode(), applications), form);
  }

  private static void assertBounded(List<SegmentList> elements) {
    for (SegmentList element : elements) {
      for (int i = 0; i < element.count(); i++) {
        assertThat(element.part(i).plainLength())
            .isLessThan(RegistryEncoder.PART_BYTES_MAX + MARKUP_BYTES_MAX);
      }
    }
  }

  private static byte[] plain(List<SegmentList> elements) {
    return Bytes.plain(new CachedRepresentation(1, "tag", elements));
  }

  private static byte[] unzipped(List<SegmentList> elements) {
    return Bytes.unzipped(Bytes.gzip(new CachedRepresentation(1, "tag", elements)));
  }
}
