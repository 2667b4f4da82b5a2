// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceInfo;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

class FleetTest {
  @Test
  void source_manyInstances_haveDistinctKeysInAllApplications() {
    Fleet fleet = new Fleet(7, 30_000);

    Set<InstanceInfo> instances = IntStream.range(0, 1000)
        .mapToObj(index -> fleet.source(index).instance(5))
        .collect(Collectors.toSet());

    assertThat(instances.stream().map(InstanceInfo::key).distinct()).hasSize(1000);
    assertThat(instances.stream().map(InstanceInfo::app).distinct()).hasSize(7);
  }

  @Test
  void source_manyInstances_areSpreadEvenlyOverTheApplications() {
    Fleet fleet = new Fleet(7, 30_000);

    Map<String, Long> sizes = IntStream.range(0, 1000)
        .mapToObj(index -> fleet.source(index).instance(5).app())
        .collect(Collectors.groupingBy(app -> app, Collectors.counting()));

    assertThat(sizes.values()).hasSize(7).allMatch(size -> size == 142 || size == 143);
  }

  @Test
  void keepAliveMs_anyLease_isAThirdOfIt() {
    assertThat(new Fleet(1, 500).keepAliveMs()).isEqualTo(30_000);
    assertThat(new Fleet(1, 1_000, 3).keepAliveMs()).isEqualTo(1_000);
    assertThat(new Fleet(1, 86_400_000).keepAliveMs()).isEqualTo(86_400_000);
  }

  @Test
  void source_requestedTwice_differsByTheDirtyTimestampAlone() {
    var source = new Fleet(7, 30_000).source(70_000);

    InstanceInfo first = source.instance(5);
    InstanceInfo second = source.instance(6);

    assertThat(second)
        .isEqualTo(first.toBuilder().lastDirtyMs(6).lastUpdatedMs(6).build());
    assertThat(second.lastDirtyMs()).isEqualTo(6);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 100, 1_500, 60_000})
  void source_metadataBytes_growsByAboutSoMuchAndHardlyCompresses(int bytes) throws IOException {
    Fleet fleet = new Fleet(7, 30_000, 90, 0, bytes);

    Map<String, String> metadata = fleet.source(5).instance(1).metadata();

    int plain = json(new Fleet(7, 30_000).source(5).instance(1).metadata()).length;
    assertThat(json(metadata).length - plain).isBetween(bytes, bytes + 20 + bytes / 100);
    assertThat(gzip(json(metadata)).length).isGreaterThan(bytes * 7 / 10);
    assertThat(fleet.source(5).instance(2).metadata()).isEqualTo(metadata);
    assertThat(fleet.source(6).instance(2).metadata()).isNotEqualTo(metadata);
  }

  private static byte[] json(Map<String, String> metadata) {
    return JsonMapper.shared().writeValueAsBytes(metadata);
  }

  private static byte[] gzip(byte[] plain) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(plain);
    }
    return bytes.toByteArray();
  }

  @Test
  void source_fleetThatBeginsLater_hasOtherInstances() {
    Fleet later = new Fleet(7, 30_000, 90, 1_000, 0);

    assertThat(Fleet.indexOf(later.source(5).instance(1).id())).hasValue(1_005);
    assertThat(later.source(5).instance(1))
        .isEqualTo(new Fleet(7, 30_000).source(1_005).instance(1));
  }

  @Test
  void source_longInterval_makesLeasesThatOutliveIt() {
    var lease = new Fleet(1, 120_000).source(0).instance(5).leaseInfo();

    assertThat(lease.renewalIntervalSecs()).isEqualTo(120);
    assertThat(lease.durationSecs()).isEqualTo(360);
  }

  @Test
  void indexOf_idOfAnInstance_isItsIndex() {
    String id = new Fleet(7, 30_000, 90).source(70_000).instance(5).id();

    assertThat(Fleet.indexOf(id)).hasValue(70_000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "host-", "host-5", "host-x:load-1:8080", "host--1:a", "10.0.0.1:a:1"})
  void indexOf_idOfAnother_isEmpty(String id) {
    assertThat(Fleet.indexOf(id)).isEmpty();
  }
}
