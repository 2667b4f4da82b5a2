// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests statuses, leases, data centers, keys and the hash code of a registry. */
class ModelValuesTest {

  @ParameterizedTest
  @EnumSource
  void statusOf_itsName_isItself(InstanceStatus status) {
    assertThat(InstanceStatus.of(status.name())).isEqualTo(status);
    assertThat(InstanceStatus.named(status.name())).isEqualTo(status);
  }

  @ParameterizedTest
  @CsvSource({",", "''", "up", "' UP'", "BOGUS"})
  void statusOf_anythingElse_isUnknown(@Nullable String name) {
    assertThat(InstanceStatus.of(name)).isEqualTo(InstanceStatus.UNKNOWN);
    assertThat(InstanceStatus.named(name)).isNull();
  }

  @ParameterizedTest
  @EnumSource
  void actionTypeNamed_itsName_isItself(ActionType action) {
    assertThat(ActionType.named(action.name())).isEqualTo(action);
    assertThat(ActionType.named(action.name() + " ")).isNull();
    assertThat(ActionType.named(null)).isNull();
  }

  @ParameterizedTest
  @CsvSource({"0, 0, 30, 90", "-1, -5, 30, 90", "1, 2147484, 1, 2147484"})
  void leaseInfo_seconds_arePositiveOrTheDefault(
      int intervalSecs, int durationSecs, int interval, int duration) {
    LeaseInfo lease = new LeaseInfo(intervalSecs, durationSecs, 1, 2, 3, 4);

    assertThat(lease).isEqualTo(new LeaseInfo(interval, duration, 1, 2, 3, 4));
  }

  @Test
  void leaseInfo_ofDurations_requiresWholeSecondsWithinADay() {
    assertThat(LeaseInfo.of(Duration.ofSeconds(10), Duration.ofMinutes(1)))
        .isEqualTo(new LeaseInfo(10, 60, 0, 0, 0, 0));
    assertThatThrownBy(() -> LeaseInfo.of(Duration.ofMillis(1_500), Duration.ofMinutes(1)))
        .hasMessage("renewalInterval=PT1.5S is not whole seconds within PT1S..PT24H");
    assertThatThrownBy(() -> LeaseInfo.of(Duration.ofSeconds(1), Duration.ZERO))
        .hasMessage("duration=PT0S is not whole seconds within PT1S..PT24H");
  }

  @Test
  void dataCenterInfo_unknownName_isRefused() {
    assertThatThrownBy(() -> new DataCenterInfo("amazon", Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("data center name must be Amazon, MyOwn or Netflix, got amazon");
  }

  @Test
  void withInstanceId_ofAmazon_isFirstAndReplacesTheOldOne() {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("ami-id", "ami-1");
    metadata.put("instance-id", "old");
    DataCenterInfo amazon = DataCenterInfo.amazon(metadata);

    DataCenterInfo withId = amazon.withInstanceId("i-1");

    assertThat(withId.instanceId()).isEqualTo("i-1");
    assertThat(withId.metadata())
        .containsExactly(Map.entry("instance-id", "i-1"), Map.entry("ami-id", "ami-1"));
    assertThat(amazon.instanceId()).isEqualTo("old");
  }

  @Test
  void dataCenterInfo_notAmazon_hasNoMetadata() {
    DataCenterInfo dataCenter = DataCenterInfo.of("Netflix", Map.of("instance-id", "i-1"));

    assertThat(dataCenter.isAmazon()).isFalse();
    assertThat(dataCenter.metadata()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"'', i", "a, ''"})
  void instanceKey_emptyPart_isRefused(String app, String id) {
    assertThatThrownBy(() -> new InstanceKey(app, id)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void appsHashCode_ofManyStatuses_countsThemByName() {
    List<Application> applications = List.of(
        application(InstanceStatus.UP, InstanceStatus.UNKNOWN, InstanceStatus.UP),
        application(),
        application(InstanceStatus.OUT_OF_SERVICE, InstanceStatus.STARTING),
        application(InstanceStatus.DOWN));

    String hashCode = AppsHashCode.of(applications);

    assertThat(hashCode).isEqualTo("DOWN_1_OUT_OF_SERVICE_1_STARTING_1_UNKNOWN_1_UP_2_");
  }

  @Test
  void appsHashCode_ofNoInstances_isEmpty() {
    assertThat(AppsHashCode.of(List.of(application()))).isEmpty();
    assertThat(AppsHashCode.of(Map.of(InstanceStatus.UP, 0))).isEmpty();
  }

  private static Application application(InstanceStatus... statuses) {
    return new Application(
        "A",
        List.of(statuses).stream()
            .map(status -> InstanceInfo.builder().app("a").status(status).build())
            .toList());
  }

  /** Hash maps of keys with equal hash codes depend on it. */
  @Test
  void instanceKey_order_isByAppAndIdAndConsistentWithEquals() {
    List<InstanceKey> ordered = List.of(
        new InstanceKey("A", "b"),
        new InstanceKey("A", "bb"),
        new InstanceKey("a", "c"),
        new InstanceKey("AB", "AaAa"),
        new InstanceKey("AB", "AaBB"),
        new InstanceKey("AB", "BBAa"),
        new InstanceKey("B", "a"));

    for (int i = 0; i < ordered.size(); i++) {
      for (int k = 0; k < ordered.size(); k++) {
        assertThat(Integer.signum(ordered.get(i).compareTo(ordered.get(k))))
            .isEqualTo(Integer.compare(i, k));
      }
    }
    assertThat(new InstanceKey("ab", "x"))
        .isEqualByComparingTo(new InstanceKey("AB", "x"))
        .isEqualTo(new InstanceKey("AB", "x"));
  }
}
