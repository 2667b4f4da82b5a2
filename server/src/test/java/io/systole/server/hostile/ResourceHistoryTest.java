// SPDX-License-Identifier: Apache-2.0
package io.systole.server.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ResourceHistoryTest {
  private static final long WARMUP_MS = 1_000;
  private static final long MIB = 1024 * 1024;

  private final ResourceHistory history = new ResourceHistory(WARMUP_MS);

  private static Map<ProcessResource, Long> sample(long descriptors, long heapBytes) {
    Map<ProcessResource, Long> sample = new EnumMap<>(ProcessResource.class);
    for (ProcessResource resource : ProcessResource.values()) {
      sample.put(resource, 100L);
    }
    sample.put(ProcessResource.DESCRIPTORS, descriptors);
    sample.put(ProcessResource.LIVE_HEAP, heapBytes);
    return sample;
  }

  @Test
  void growth_descriptorsThatAreNeverClosed_namesThemWithTheirSeries() {
    for (int i = 0; i < 16; i++) {
      history.add(WARMUP_MS + i, Phase.CALM, sample(40 + i, 30 * MIB));
    }

    assertThat(history.growth())
        .singleElement()
        .asString()
        .startsWith("file descriptors grew from 41 to 53, above 44: [40, 41, 42, ")
        .endsWith(" 54, 55]");
  }

  @Test
  void growth_heapThatGrowsByAMebibyteEachRound_namesIt() {
    for (int i = 0; i < 12; i++) {
      history.add(WARMUP_MS + i, Phase.CALM, sample(40, (30 + i) * MIB));
    }

    assertThat(history.growth())
        .singleElement()
        .asString()
        .startsWith("live heap, MiB grew from 31.0 to 40.0, above 35.0: [30.0, 31.0, ");
  }

  @Test
  void growth_duringTheWarmupOrUnderLoad_isIgnored() {
    for (int i = 0; i < 16; i++) {
      history.add(i, Phase.CALM, sample(10L * i, 30 * MIB));
      history.add(WARMUP_MS + i, Phase.ATTACK, sample(100L * i, 30 * MIB));
      history.add(WARMUP_MS + i, Phase.CALM, sample(40, 30 * MIB));
    }

    assertThat(history.growth()).isEmpty();
    assertThat(history.table()).contains("| file descriptors | 40 | 40 | 43 | 40–40 | 0–1500 |");
  }

  @Test
  void isComplete_tooFewSamplesAtRestAfterTheWarmup_isFalse() {
    for (int i = 0; i < GrowthLimit.VALUES_MIN; i++) {
      assertThat(history.isComplete()).isFalse();
      history.add(0, Phase.CALM, sample(1, 1));
      history.add(WARMUP_MS, Phase.ATTACK, sample(1, 1));
      history.add(WARMUP_MS, Phase.CALM, sample(1, 1));
    }

    assertThat(history.isComplete()).isTrue();
  }
}
