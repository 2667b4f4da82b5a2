// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceInfo;
import io.systole.server.registry.Instances;
import io.systole.server.responsecache.ApplicationGroups.ApplicationGroup;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApplicationGroupsTest {
  private static final SegmentList ENCODED = SegmentList.of(DeflateSegment.stored(new byte[] {1}));

  private static final int LONG_TEXT_BYTES = 4_096;

  private final BlockStore blockStore = new BlockStore();
  private final ApplicationGroups groups = new ApplicationGroups();
  private final Map<Integer, InstanceInfo> added = new HashMap<>();

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 5, 8})
  void update_atRandom_keepsOrderInWellFilledGroups(long seed) {
    Random random = new Random(seed);
    for (int step = 0; step < 10_000; step++) {
      // Alternates between growing and shrinking, so that groups are split and merged.
      boolean isGrowing = step / 2_500 % 2 == 0;
      int number = random.nextInt(1_200);
      if (isGrowing ? random.nextInt(10) > 1 : random.nextInt(10) > 7) {
        int textBytes = random.nextInt(50) == 0 ? LONG_TEXT_BYTES : 10;
        put(number, "APP" + number % 120 % (1 + number % 97), textBytes);
      } else {
        remove(number);
      }
      assertGroups();
    }
  }

  @Test
  void update_applicationsOfOneInstance_shareFullGroups() {
    for (int number = 0; number < 3 * ApplicationGroup.INSTANCES_MAX; number++) {
      put(number, "APP" + number);
    }

    assertThat(groups).hasSize(3);
    assertThat(groups).allMatch(group -> group.apps().size() == ApplicationGroup.INSTANCES_MAX);
  }

  @Test
  void update_applicationOutgrowsItsGroup_isAlone() {
    put(0, "BEFORE");
    put(1, "LARGE");
    put(2, "AFTER");

    for (int number = 3; number < 2 * ApplicationGroup.INSTANCES_MAX; number++) {
      put(number, "LARGE");
    }

    assertThat(names()).containsExactly(List.of("BEFORE"), List.of("LARGE"), List.of("AFTER"));
  }

  @Test
  void update_largeApplicationEmpties_neighboursShareAGroup() {
    put(0, "BEFORE");
    for (int number = 1; number <= 2 * ApplicationGroup.INSTANCES_MAX; number++) {
      put(number, "LARGE");
    }
    put(1_000, "AFTER");

    for (int number = 1; number <= 2 * ApplicationGroup.INSTANCES_MAX; number++) {
      remove(number);
    }

    assertThat(names()).containsExactly(List.of("BEFORE", "AFTER"));
  }

  /** A change of a small one would encode megabytes of the others again. */
  @Test
  void update_applicationsOfLongText_areAlone() {
    put(0, "SMALL");
    put(1, "LONG", LONG_TEXT_BYTES);
    put(2, "LONGER", 2 * LONG_TEXT_BYTES);
    put(3, "AFTER");
    put(4, "LAST");

    assertThat(names())
        .containsExactly(
            List.of("SMALL"), List.of("LONG"), List.of("LONGER"), List.of("AFTER", "LAST"));
  }

  @Test
  void update_textBecomesLong_leavesItsGroupUntilItIsShort() {
    for (int number = 0; number < 5; number++) {
      put(number, "APP" + number);
    }

    put(2, "APP2", LONG_TEXT_BYTES);
    List<List<String>> whileLong = names();
    put(2, "APP2");

    assertThat(whileLong)
        .containsExactly(List.of("APP0", "APP1"), List.of("APP2"), List.of("APP3", "APP4"));
    assertThat(names()).containsExactly(List.of("APP0", "APP1", "APP2", "APP3", "APP4"));
  }

  @Test
  void update_applicationOfLongTextEmpties_neighboursShareAGroup() {
    put(0, "BEFORE");
    put(1, "LONG", LONG_TEXT_BYTES);
    put(2, "AFTER");

    remove(1);

    assertThat(names()).containsExactly(List.of("BEFORE", "AFTER"));
  }

  @Test
  void update_instanceReplaced_discardsSegmentsOfItsGroupOnly() {
    for (int number = 0; number < 2 * ApplicationGroup.INSTANCES_MAX; number++) {
      put(number, "APP" + number);
    }
    groups.forEach(group -> group.segments(BlockEncoding.JSON_FULL, ENCODED));

    put(3, "APP3");

    assertThat(groups)
        .extracting(group -> group.segments(BlockEncoding.JSON_FULL))
        .containsExactly(null, ENCODED);
  }

  @Test
  void update_applicationJoinsAGroup_discardsSegmentsOfItsOwn() {
    put(0, "FIRST");
    ApplicationBlocks first = groups.iterator().next().apps().get(0);
    first.applicationSegments(BlockEncoding.JSON_FULL, ENCODED);

    put(1, "SECOND");

    assertThat(first.applicationSegments(BlockEncoding.JSON_FULL)).isNull();
    assertThat(first.isInSharedGroup()).isTrue();
  }

  @Test
  void drop_oneEncoding_keepsTheOthers() {
    put(0, "FIRST");
    put(1, "SECOND");
    ApplicationGroup group = groups.iterator().next();
    group.segments(BlockEncoding.JSON_FULL, ENCODED);
    group.segments(BlockEncoding.XML_FULL, ENCODED);

    groups.drop(BlockEncoding.JSON_FULL);

    assertThat(group.segments(BlockEncoding.JSON_FULL)).isNull();
    assertThat(group.segments(BlockEncoding.XML_FULL)).isSameAs(ENCODED);
  }

  private void put(int number, String app) {
    put(number, app, 10);
  }

  private void put(int number, String app, int textBytes) {
    InstanceInfo document = Instances.up(app, "i-" + number, 90).toBuilder()
        .metadata(Map.of("k", "v".repeat(textBytes)))
        .build();
    InstanceInfo before = added.put(number, document);
    groups.update(
        before == null
            ? blockStore.add(number, document, 1)
            : blockStore.replace(number, document, 1));
  }

  private void remove(int number) {
    if (added.remove(number) != null) {
      groups.update(blockStore.remove(number, 1));
    }
  }

  private List<List<String>> names() {
    List<List<String>> names = new ArrayList<>();
    groups.forEach(group ->
        names.add(group.apps().stream().map(appBlocks -> appBlocks.name).toList()));
    return names;
  }

  private void assertGroups() {
    List<ApplicationBlocks> inOrder = new ArrayList<>();
    int weightBefore = ApplicationGroup.INSTANCES_MAX;
    for (ApplicationGroup group : groups) {
      int size = 0;
      int weight = 0;
      for (ApplicationBlocks appBlocks : group.apps()) {
        assertThat(appBlocks.sharedEncoding).isSameAs(group);
        size += appBlocks.size();
        weight += appBlocks.size() + (isLong(appBlocks) ? ApplicationGroup.INSTANCES_MAX : 0);
      }
      assertThat(group.instanceCount()).isEqualTo(size).isPositive();
      if (group.isShared()) {
        assertThat(weight).isLessThanOrEqualTo(ApplicationGroup.INSTANCES_MAX);
      }
      assertThat(weightBefore + weight).isGreaterThan(ApplicationGroup.MERGED_MAX);
      weightBefore = weight;
      inOrder.addAll(group.apps());
    }
    assertThat(inOrder).containsExactlyElementsOf(blockStore.all());
  }

  private static boolean isLong(ApplicationBlocks appBlocks) {
    long bytes =
        appBlocks.documents().stream().mapToLong(InstanceInfo::sizeBytes).sum();
    assertThat(appBlocks.textBytes()).isEqualTo(bytes);
    return bytes > (long) appBlocks.size() * ApplicationGroup.INSTANCE_TEXT_BYTES_MAX;
  }
}
