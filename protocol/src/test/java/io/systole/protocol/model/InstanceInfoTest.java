// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InstanceInfoTest {

  /** Spec §1.3, effective id. */
  @ParameterizedTest
  @CsvSource({
    "i, Amazon, z, h, i",
    "'', Amazon, z, h, z",
    ", Amazon, z, h, z",
    ", Amazon, '', h, h",
    ", Amazon, , h, h",
    ", MyOwn, z, h, h",
    ", , , h, h",
    ", , , , ''",
    "'', , , , ''",
  })
  void id_ofSentIds_isTheEffectiveOne(
      @Nullable String instanceId,
      @Nullable String dataCenter,
      @Nullable String amazonId,
      @Nullable String hostName,
      String expected) {
    Map<String, String> metadata = amazonId == null ? Map.of() : Map.of("instance-id", amazonId);
    InstanceInfo instance = InstanceInfo.builder()
        .instanceId(instanceId)
        .hostName(hostName)
        .dataCenterInfo(dataCenter == null ? null : new DataCenterInfo(dataCenter, metadata))
        .build();

    String id = instance.id();

    assertThat(id).isEqualTo(expected);
    assertThat(instance.instanceId()).isEqualTo(instanceId);
  }

  /** Stock servers refuse a registration without a data center. */
  @Test
  void builder_withRequiredMembers_passesValidation() {
    InstanceInfo instance = InstanceInfo.builder()
        .app("a")
        .hostName("h")
        .ipAddr("192.0.2.1")
        .port(8080)
        .build();

    assertThat(instance.dataCenterInfo()).isEqualTo(DataCenterInfo.MY_OWN);
    assertThat(instance.port()).isEqualTo(new PortInfo(8080, true));
    assertThat(RegistrationValidator.refusalOf(instance, "A")).isNull();
  }

  @Test
  void builder_portOutOfRange_isRefusedByName() {
    assertThatThrownBy(() -> InstanceInfo.builder().port(99_999))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("port=99999 is not within 1..65535");
    assertThatThrownBy(() -> InstanceInfo.builder().securePort(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("securePort=0 is not within 1..65535");
  }

  @Test
  @SuppressWarnings("NullAway") // Simulates a caller without null checks.
  void builder_null_isRefusedByName() {
    assertThatThrownBy(() -> InstanceInfo.builder().app(null)).hasMessage("app");
    assertThatThrownBy(() -> InstanceInfo.builder().status(null)).hasMessage("status");
    assertThatThrownBy(() -> InstanceInfo.builder().metadata(null)).hasMessage("metadata");
  }

  @Test
  void build_nothingSet_hasTheDefaultsOfTheDocument() {
    InstanceInfo instance = InstanceInfo.builder().build();

    assertThat(instance.app()).isEmpty();
    assertThat(instance.status()).isEqualTo(InstanceStatus.UP);
    assertThat(instance.overriddenStatus()).isEqualTo(InstanceStatus.UNKNOWN);
    assertThat(instance.port()).isEqualTo(new PortInfo(7001, true));
    assertThat(instance.securePort()).isEqualTo(new PortInfo(7002, false));
    assertThat(instance.countryId()).isEqualTo(1);
    assertThat(instance.leaseInfo()).isEqualTo(new LeaseInfo(30, 90, 0, 0, 0, 0));
    assertThat(instance.metadata()).isEmpty();
    assertThat(instance.dataCenterInfo()).isEqualTo(DataCenterInfo.MY_OWN);
  }

  @Test
  void build_namesInAnyCase_areUpperCase() {
    InstanceInfo instance =
        InstanceInfo.builder().app("title").appGroupName("groß").build();

    assertThat(instance.app()).isEqualTo("TITLE");
    assertThat(instance.appGroupName()).isEqualTo("GROSS");
  }

  @Test
  void build_placeholders_countAsAbsent() {
    InstanceInfo na = InstanceInfo.builder().sid("na").hostName("").build();
    InstanceInfo unknown = InstanceInfo.builder().sid("unknown").build();

    assertThat(na.sid()).isNull();
    assertThat(na.hostName()).isNull();
    assertThat(unknown.sid()).isNull();
  }

  @Test
  void build_typeMarkerInMetadata_isDropped() {
    InstanceInfo instance =
        InstanceInfo.builder().metadata(Map.of("@class", "x", "k", "v")).build();

    assertThat(instance.metadata()).containsExactly(Map.entry("k", "v"));
  }

  @Test
  void build_loneSurrogates_areReplaced() {
    InstanceInfo instance = InstanceInfo.builder()
        .instanceId("a\ud83d")
        .vipAddress("\ud83d\ude00\ude00b")
        .metadata(Map.of("\ud83dk", "v\ude00"))
        .build();

    assertThat(instance.instanceId()).isEqualTo("a\ufffd");
    assertThat(instance.vipAddress()).isEqualTo("\ud83d\ude00\ufffdb");
    assertThat(instance.metadata()).containsExactly(Map.entry("\ufffdk", "v\ufffd"));
  }

  @Test
  void toBuilder_oneAddressChanged_leavesTheOthers() {
    InstanceInfo before = InstanceInfo.builder()
        .hostName("h")
        .ipAddr("10.0.0.1")
        .homePageUrl("http://h/")
        .statusPageUrl("http://h/info")
        .secureHealthCheckUrl("https://h/health")
        .build();

    InstanceInfo after = before.toBuilder().statusPageUrl(null).build();

    assertThat(after.hostName()).isEqualTo("h");
    assertThat(after.ipAddr()).isEqualTo("10.0.0.1");
    assertThat(after.homePageUrl()).isEqualTo("http://h/");
    assertThat(after.statusPageUrl()).isNull();
    assertThat(after.healthCheckUrl()).isNull();
    assertThat(after.secureHealthCheckUrl()).isEqualTo("https://h/health");
    assertThat(before.statusPageUrl()).isEqualTo("http://h/info");
  }

  @Test
  void toBuilder_addressSetAfterABuild_changesTheNextInstanceOnly() {
    InstanceInfo.Builder builder = InstanceInfo.builder().hostName("h").build().toBuilder();

    InstanceInfo first = builder.build();
    InstanceInfo second = builder.hostName("i").ipAddr("10.0.0.2").build();

    assertThat(first.hostName()).isEqualTo("h");
    assertThat(first.ipAddr()).isNull();
    assertThat(second.hostName()).isEqualTo("i");
    assertThat(second.ipAddr()).isEqualTo("10.0.0.2");
  }

  @Test
  void toBuilder_oneChange_leavesTheRestAndTheOriginal() {
    InstanceInfo before = InstanceInfo.builder()
        .app("a")
        .instanceId("i")
        .metadata(Map.of("k", "v"))
        .build();

    InstanceInfo after = before.toBuilder().status(InstanceStatus.DOWN).build();

    assertThat(before.status()).isEqualTo(InstanceStatus.UP);
    assertThat(after).isNotEqualTo(before);
    assertThat(after.metadata()).isSameAs(before.metadata());
    assertThat(after.toBuilder().status(InstanceStatus.UP).build())
        .isEqualTo(before)
        .hasSameHashCodeAs(before)
        .hasToString(before.toString());
  }

  @Test
  void key_ofAnInstance_isItsApplicationAndEffectiveId() {
    InstanceInfo instance = InstanceInfo.builder().app("demo").hostName("h1").build();

    InstanceKey key = instance.key();

    assertThat(key)
        .isEqualTo(new InstanceKey("DEMO", "h1"))
        .isEqualTo(new InstanceKey("demo", "h1"));
  }

  @Test
  void key_withoutId_isRefused() {
    InstanceInfo instance = InstanceInfo.builder().app("demo").build();

    assertThatThrownBy(instance::key)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("instance key requires app and id, got app=\"DEMO\" id=\"\"");
  }

  @Test
  void packedAddresses_allSix_areDecoded() {
    byte[] packed = {2, 'h', 3, ':', ':', 2, 'a', 0, 1, 2, 'b'};

    InstanceInfo instance = InstanceInfo.builder().packedAddresses(packed).build();

    assertThat(instance)
        .isEqualTo(InstanceInfo.builder()
            .hostName("h")
            .ipAddr("::")
            .homePageUrl("a")
            .healthCheckUrl("")
            .secureHealthCheckUrl("b")
            .build());
  }

  @Test
  void packedAddresses_emptyHostName_isNull() {
    byte[] packed = {1, 2, 'i', 0, 0, 0, 0};

    InstanceInfo instance = InstanceInfo.builder().packedAddresses(packed).build();

    assertThat(instance).isEqualTo(InstanceInfo.builder().ipAddr("i").build());
    assertThat(instance.sizeBytes())
        .isEqualTo(InstanceInfo.builder().ipAddr("i").build().sizeBytes());
  }
}
