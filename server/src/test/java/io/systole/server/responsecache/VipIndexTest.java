// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceInfo;
import io.systole.server.registry.Instances;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class VipIndexTest {
  private static final int NAMES = 12_000;

  private final BlockStore blockStore = new BlockStore();
  private final VipIndex index = new VipIndex(InstanceInfo::vipAddress);

  /** Each name was compared with all before it, half a second for each such registration. */
  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void apply_manyNames_takesTimeLinearInThem() {
    InstanceInfo many = Instances.up("APP", "i-1", 90).toBuilder()
        .vipAddress(IntStream.range(0, NAMES)
            .mapToObj(number -> Integer.toString(number, Character.MAX_RADIX))
            .collect(Collectors.joining(",")))
        .build();
    ApplicationBlocks blocks = blockStore.add(0, many, 1);
    index.apply(blocks, null, many, 1);

    for (int version = 2; version < 200; version++) {
      index.apply(blocks, many, many, version);
    }

    assertThat(index.entry("0")).isNotNull();
    assertThat(index.contains(Integer.toString(NAMES - 1, Character.MAX_RADIX), many))
        .isTrue();
  }

  /** Each change searched the list of all applications of the address. */
  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void apply_manyApplicationsOfAnAddress_takesTheSameTimeForEachChange() {
    int apps = 50_000;
    List<InstanceInfo> instances = IntStream.range(0, apps)
        .mapToObj(
            i -> Instances.up("APP-" + i, "i", 90).toBuilder().vipAddress("v").build())
        .toList();
    List<ApplicationBlocks> blocks = IntStream.range(0, apps)
        .mapToObj(i -> blockStore.add(i, instances.get(i), 1))
        .toList();

    for (int i = 0; i < apps; i++) {
      index.apply(blocks.get(i), null, instances.get(i), i);
    }
    int last = apps - 1;
    for (int i = 0; i < 1_000_000; i++) {
      index.apply(blocks.get(last), instances.get(last), instances.get(last), i);
    }

    assertThat(appsOf("v")).hasSize(apps).endsWith("APP-49999 1");
  }

  @Test
  void apply_firstApplicationLosesTheAddress_keepsOrderAndCountsOfTheOthers() {
    InstanceInfo one =
        Instances.up("ONE", "i-1", 90).toBuilder().vipAddress("v").build();
    InstanceInfo two =
        Instances.up("TWO", "i-2", 90).toBuilder().vipAddress("v").build();
    InstanceInfo alsoTwo =
        Instances.up("TWO", "i-3", 90).toBuilder().vipAddress("v").build();
    ApplicationBlocks blocksOfOne = blockStore.add(1, one, 1);
    ApplicationBlocks blocksOfTwo = blockStore.add(2, two, 1);
    index.apply(blocksOfOne, null, one, 1);
    index.apply(blocksOfTwo, null, two, 2);
    index.apply(blocksOfTwo, null, alsoTwo, 3);
    boolean hadSeveral = requireNonNull(index.entry("v")).hasSeveral();

    index.apply(blocksOfOne, one, null, 4);
    List<String> left = appsOf("v");
    boolean hasSeveral = requireNonNull(index.entry("v")).hasSeveral();
    index.apply(blocksOfTwo, two, null, 5);
    index.apply(blocksOfTwo, alsoTwo, null, 6);

    assertThat(hadSeveral).isTrue();
    assertThat(left).containsExactly("TWO 2");
    assertThat(hasSeveral).isFalse();
    assertThat(index.entry("v")).isNull();
  }

  private List<String> appsOf(String vip) {
    List<String> apps = new ArrayList<>();
    requireNonNull(index.entry(vip))
        .forEach((appBlocks, count) -> apps.add(appBlocks.name + " " + count));
    return apps;
  }
}
