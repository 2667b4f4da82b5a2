// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceInfo;
import io.systole.server.registry.Instances;
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
}
