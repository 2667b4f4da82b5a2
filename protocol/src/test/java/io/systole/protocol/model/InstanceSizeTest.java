// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests {@link InstanceInfo#sizeBytes}. */
class InstanceSizeTest {
  private static final InstanceInfo BARE = InstanceInfo.builder().app("A").build();

  @ParameterizedTest
  @CsvSource({"abc,3", "äöü,6", "漢字,6", "😀,4", "a漢,4", "aaaaaaaa漢,18"})
  void sizeBytes_aText_isTheLargerOfUtf8AndMemory(String text, int bytes) {
    InstanceInfo instance = BARE.toBuilder().vipAddress(text).build();

    assertThat(instance.sizeBytes() - BARE.sizeBytes()).isEqualTo(24 + bytes);
  }

  @Test
  void sizeBytes_metadataOfInstanceAndDataCenter_countsKeysAndValues() {
    InstanceInfo instance = BARE.toBuilder()
        .metadata(Map.of("k", "12345"))
        .dataCenterInfo(new DataCenterInfo("Amazon", Map.of("instance-id", "i")))
        .build();

    assertThat(instance.sizeBytes() - BARE.sizeBytes()).isEqualTo(4 * 24 + 6 + 12);
  }

  @Test
  void sizeBytes_addresses_countAsTheyArePacked() {
    InstanceInfo instance =
        BARE.toBuilder().hostName("host").homePageUrl("http://x/").build();

    assertThat(instance.sizeBytes() - BARE.sizeBytes()).isEqualTo(4 + 9);
  }

  @Test
  void sizeBytes_manyTinyEntries_countTheirOverhead() {
    Map<String, String> entries = new HashMap<>();
    for (int i = 0; i < 1_000; i++) {
      entries.put("k" + i, "");
    }

    assertThat(BARE.toBuilder().metadata(entries).build().sizeBytes()).isGreaterThan(48_000);
  }
}
