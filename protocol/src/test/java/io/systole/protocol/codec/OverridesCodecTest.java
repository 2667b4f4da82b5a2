// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceStatus;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OverridesCodecTest {
  private final OverridesCodec codec = new OverridesCodec();

  @Test
  void encode_none_isAnEmptyObject() {
    assertThat(text(Map.of())).isEqualTo("{}");
  }

  @Test
  void encode_some_isStatusByIdInOrder() {
    Map<String, InstanceStatus> overrides = new LinkedHashMap<>();
    overrides.put("z\"1", InstanceStatus.OUT_OF_SERVICE);
    overrides.put("é", InstanceStatus.DOWN);

    assertThat(text(overrides)).isEqualTo("{\"z\\\"1\":\"OUT_OF_SERVICE\",\"é\":\"DOWN\"}");
  }

  private String text(Map<String, InstanceStatus> overrides) {
    return new String(codec.encode(overrides), StandardCharsets.UTF_8);
  }
}
