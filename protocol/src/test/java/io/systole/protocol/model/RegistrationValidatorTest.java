// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Tests the error texts of spec §3.1 in their order. */
class RegistrationValidatorTest {

  @Test
  void refusalOf_violationsFixedInOrder_namesTheNext() {
    InstanceInfo.Builder instance = InstanceInfo.builder().dataCenterInfo(null);

    assertThat(refusal(instance)).isEqualTo("Missing instanceId");
    assertThat(refusal(instance.instanceId("i"))).isEqualTo("Missing hostname");
    assertThat(refusal(instance.hostName("h"))).isEqualTo("Missing ip address");
    assertThat(refusal(instance.ipAddr(""))).isEqualTo("Missing ip address");
    assertThat(refusal(instance.ipAddr("10.0.0.1"))).isEqualTo("Missing appName");
    assertThat(refusal(instance.app("other")))
        .isEqualTo("Mismatched appName, expecting BAD but was OTHER");
    assertThat(refusal(instance.app("bad"))).isEqualTo("Missing dataCenterInfo");
    assertThat(refusal(instance.dataCenterInfo(new DataCenterInfo(null, Map.of()))))
        .isEqualTo("Missing dataCenterInfo Name");
    assertThat(refusal(instance.dataCenterInfo(DataCenterInfo.MY_OWN))).isNull();
  }

  private static @Nullable String refusal(InstanceInfo.Builder instance) {
    return RegistrationValidator.refusalOf(instance.build(), "Bad");
  }
}
