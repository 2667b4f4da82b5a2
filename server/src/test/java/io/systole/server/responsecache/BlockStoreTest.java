// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceInfo;
import io.systole.server.registry.Instances;
import io.systole.server.responsecache.ApplicationBlocks.InstanceBlock;
import io.systole.server.responsecache.DeflateSegment.SegmentCompressor;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BlockStoreTest {
  private final BlockStore blockStore = new BlockStore();
  private final Map<Integer, InstanceInfo> expected = new HashMap<>();

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 5, 8})
  void change_atRandom_matchesAMapInWellFilledBlocks(long seed) {
    Random random = new Random(seed);
    for (int step = 0; step < 20_000; step++) {
      // Alternates between growing and shrinking, so that blocks fill and empty.
      boolean isGrowing = step / 2_500 % 2 == 0;
      change(random.nextInt(1_500), isGrowing ? random.nextInt(10) > 1 : random.nextInt(10) > 7);
      if (step % 50 == 0) {
        assertBlocks();
      }
    }

    assertThat(blockStore.size()).isEqualTo(expected.size());
    expected.forEach(
        (number, document) -> assertThat(blockStore.document(number)).isSameAs(document));
  }

  private void change(int number, boolean isPut) {
    InstanceInfo document = Instances.up(number % 7 == 0 ? "SMALL" : "LARGE", "i-" + number, 90);
    if (!isPut) {
      if (expected.remove(number) != null) {
        blockStore.remove(number, 1);
      }
    } else if (expected.put(number, document) == null) {
      blockStore.add(number, document, 1);
    } else {
      blockStore.replace(number, document, 1);
    }
  }

  /** No two neighbours fit into one block, so on average blocks are more than half full. */
  private void assertBlocks() {
    for (ApplicationBlocks appBlocks : blockStore.all()) {
      int instances = 0;
      for (InstanceBlock block = appBlocks.first; block != null; block = block.next) {
        assertThat(block.size()).isBetween(1, InstanceBlock.INSTANCES_MAX);
        assertThat(block.documents()).hasSize(block.size());
        instances += block.size();
        if (block.next != null) {
          assertThat(block.size() + block.next.size()).isGreaterThan(InstanceBlock.INSTANCES_MAX);
          assertThat(block.next.previous).isSameAs(block);
        }
      }
      assertThat(appBlocks.size()).isEqualTo(instances).isPositive();
    }
  }

  @Test
  void add_applications_areInOrderOfAppearanceUntilEmpty() {
    blockStore.add(0, Instances.up("B", "b", 90), 1);
    blockStore.add(1, Instances.up("A", "a", 90), 2);
    blockStore.add(2, Instances.up("C", "c", 90), 3);

    blockStore.remove(1, 4);

    assertThat(blockStore.all()).extracting(appBlocks -> appBlocks.name).containsExactly("B", "C");
    assertThat(blockStore.appBlocks("A")).isNull();
    assertThat(blockStore.document(1)).isNull();
  }

  @Test
  void remove_oldestOfMany_leavesTheNewestBlocksAlone() {
    for (int number = 0; number < 10 * InstanceBlock.INSTANCES_MAX; number++) {
      blockStore.add(number, Instances.up("A", "i-" + number, 90), 1);
    }
    SegmentCompressor compressor = new SegmentCompressor();
    DeflateSegment segment = compressor.compress(new byte[] {1});
    compressor.close();
    ApplicationBlocks appBlocks = blockStore.all().iterator().next();
    for (InstanceBlock block = appBlocks.first; block != null; block = block.next) {
      block.segments(BlockEncoding.JSON_FULL, SegmentList.of(segment));
    }

    for (int number = 0; number < 3 * InstanceBlock.INSTANCES_MAX + 5; number++) {
      blockStore.remove(number, 2);
    }

    int encoded = 0;
    for (InstanceBlock block = appBlocks.first; block != null; block = block.next) {
      encoded += block.segments(BlockEncoding.JSON_FULL) == null ? 0 : 1;
    }
    assertThat(encoded).isEqualTo(6);
  }
}
