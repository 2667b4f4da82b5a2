// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.consistency;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.loadtest.ScriptedRegistry;
import io.systole.loadtest.consistency.InstanceDifference.MemberDifference;
import io.systole.protocol.model.ActionType;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.model.LeaseInfo;
import io.systole.protocol.model.PortInfo;
import java.io.IOException;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ConsistencyCheckTest {
  private static final int ALL = 1_000;

  static InstanceInfo.Builder instance(String app, String id) {
    return InstanceInfo.builder()
        .app(app)
        .instanceId(id)
        .hostName("h")
        .ipAddr("10.0.0.1")
        .metadata(Map.of("zone", "a"))
        .lastUpdatedMs(1)
        .lastDirtyMs(1);
  }

  private static ConsistencyReport compare(int max, ScriptedRegistry... servers) throws Exception {
    return new ConsistencyCheck(Stream.of(servers).map(ScriptedRegistry::url).toList()).run(max);
  }

  @Test
  void run_onlyTimestampsOfTheServersDiffer_isConsistent() throws Exception {
    InstanceInfo first = instance("a", "1").build();
    InstanceInfo second = instance("a", "1")
        .lastUpdatedMs(7)
        .actionType(ActionType.MODIFIED)
        .isCoordinatingDiscoveryServer(true)
        .leaseInfo(new LeaseInfo(30, 90, 5, 6, 7, 8))
        .build();
    try (ScriptedRegistry a = new ScriptedRegistry(first);
        ScriptedRegistry b = new ScriptedRegistry(second)) {

      ConsistencyReport report = compare(ALL, a, b);

      assertThat(report.isConsistent()).isTrue();
      assertThat(report.outcome()).isEqualTo("all servers have the same 1 instance");
    }
  }

  static Stream<Arguments> changes() {
    return Stream.of(
        change("status", b -> b.status(InstanceStatus.DOWN)),
        change("overriddenStatus", b -> b.overriddenStatus(InstanceStatus.DOWN)),
        change("lastDirtyTimestamp", b -> b.lastDirtyMs(2)),
        change("hostName", b -> b.hostName("g")),
        change("ipAddr", b -> b.ipAddr("10.0.0.2")),
        change("port", b -> b.port(new PortInfo(7001, false))),
        change("securePort", b -> b.securePort(new PortInfo(7002, true))),
        change("vipAddress", b -> b.vipAddress("v")),
        change("secureVipAddress", b -> b.secureVipAddress("v")),
        change("homePageUrl", b -> b.homePageUrl("http://h/")),
        change("statusPageUrl", b -> b.statusPageUrl("http://h/")),
        change("healthCheckUrl", b -> b.healthCheckUrl("http://h/")),
        change("secureHealthCheckUrl", b -> b.secureHealthCheckUrl("https://h/")),
        change(
            "leaseInfo.renewalIntervalInSecs", b -> b.leaseInfo(new LeaseInfo(31, 90, 0, 0, 0, 0))),
        change("leaseInfo.durationInSecs", b -> b.leaseInfo(new LeaseInfo(30, 91, 0, 0, 0, 0))),
        change("metadata.zone", b -> b.metadata(Map.of("zone", "b"))),
        change("metadata.rack", b -> b.metadata(Map.of("zone", "a", "rack", "1"))));
  }

  private static Arguments change(String member, Consumer<InstanceInfo.Builder> change) {
    InstanceInfo.Builder changed = instance("a", "1");
    change.accept(changed);
    return Arguments.of(member, changed.build());
  }

  @ParameterizedTest
  @MethodSource("changes")
  void run_memberDiffers_isReportedByName(String member, InstanceInfo changed) throws Exception {
    try (ScriptedRegistry a = new ScriptedRegistry(instance("a", "1").build());
        ScriptedRegistry b = new ScriptedRegistry(changed)) {

      ConsistencyReport report = compare(ALL, a, b);

      assertThat(report.differing()).isEqualTo(1);
      assertThat(report.differences().get(0).members())
          .extracting(MemberDifference::name)
          .containsExactly(member);
    }
  }

  @Test
  void run_threeServers_namesValuesAndAbsencesOfEach() throws Exception {
    InstanceInfo up = instance("a", "1").build();
    InstanceInfo down =
        instance("a", "1").status(InstanceStatus.DOWN).metadata(Map.of()).build();
    try (ScriptedRegistry a = new ScriptedRegistry(up);
        ScriptedRegistry b = new ScriptedRegistry(down);
        ScriptedRegistry c = new ScriptedRegistry(instance("b", "1").build())) {

      ConsistencyReport report = compare(ALL, a, b, c);

      Map<String, String> zones = new HashMap<>();
      zones.put("A", "a");
      zones.put("B", null);
      assertThat(report.differences())
          .containsExactly(
              new InstanceDifference(
                  "A",
                  "1",
                  List.of("C"),
                  List.of(
                      new MemberDifference("status", Map.of("A", "UP", "B", "DOWN")),
                      new MemberDifference("metadata.zone", zones))),
              new InstanceDifference("B", "1", List.of("A", "B"), List.of()));
      assertThat(report.outcome())
          .isEqualTo("2 of 2 instances differ: 2 missing at a server, 0 with different members");
    }
  }

  @Test
  void run_moreDifferencesThanTheLimit_countsAllAndReportsTheFirst() throws Exception {
    InstanceInfo[] instances = IntStream.rangeClosed(1, 9)
        .mapToObj(id -> instance("b", Integer.toString(10 - id)).build())
        .toArray(InstanceInfo[]::new);
    try (ScriptedRegistry a = new ScriptedRegistry(instances);
        ScriptedRegistry b = new ScriptedRegistry(instance("a", "2").build())) {

      ConsistencyReport report = compare(3, a, b);

      assertThat(report.differing()).isEqualTo(10);
      assertThat(report.missing()).isEqualTo(10);
      assertThat(report.differences())
          .extracting(difference -> difference.app() + difference.id())
          .containsExactly("A2", "B1", "B2");
    }
  }

  @Test
  void run_gzippedDocument_isDecompressed() throws Exception {
    InstanceInfo instance = instance("a", "1").build();
    // Content codings are case-insensitive (RFC 9110 §8.4.1); capitals were not recognized.
    try (ScriptedRegistry a = new ScriptedRegistry().thenGzipped(instance);
        ScriptedRegistry b = new ScriptedRegistry(instance)) {
      assertThat(compare(ALL, a, b).isConsistent()).isTrue();
    }
  }

  @Test
  void run_malformedInstances_areLeftOutAndCounted() throws Exception {
    String document = """
        {"applications":{"application":[{"name":"A","instance":[
          {"app":"A","instanceId":"1","hostName":"h","ipAddr":"10.0.0.1","port":"many"},
          {"app":"A"},
          {"app":"A","instanceId":"2","hostName":"h"}]}]}}
        """;
    try (ScriptedRegistry a = new ScriptedRegistry().then("200 OK", "", document.getBytes(UTF_8));
        ScriptedRegistry b = new ScriptedRegistry(instance("a", "2").build())) {

      ConsistencyReport report = compare(ALL, a, b);

      assertThat(report.servers().get(0).instances()).isEqualTo(1);
      assertThat(report.servers().get(0).malformed()).isEqualTo(2);
      assertThat(report.instances()).isEqualTo(1);
      assertThat(report.isConsistent()).isFalse();
      assertThat(report.outcome())
          .isEqualTo("1 of 1 instances differ: 0 missing at a server,"
              + " 1 with different members; 2 malformed instances");
    }
  }

  /** A registry that contained an instance twice was equal to one that contained it once. */
  @Test
  void run_instanceListedTwice_isNotConsistent() throws Exception {
    InstanceInfo instance = instance("a", "1").build();
    try (ScriptedRegistry a = new ScriptedRegistry(instance);
        ScriptedRegistry b = new ScriptedRegistry(instance, instance)) {

      ConsistencyReport report = compare(ALL, a, b);

      assertThat(report.servers().get(1).duplicates()).isEqualTo(1);
      assertThat(report.isConsistent()).isFalse();
      assertThat(report.outcome()).isEqualTo("1 repeated instance");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "500 Oh | {} | /apps returned status 500",
        "200 OK | {\"applications\":{\"application\":[ | end",
        "200 OK | <applications/> | ",
        "200 OK | {\"instance\":{}} | applications",
      })
  void run_serverThatCannotBeRead_isNamed(String status, String body, String reason)
      throws Exception {
    try (ScriptedRegistry a = new ScriptedRegistry(instance("a", "1").build());
        ScriptedRegistry b = new ScriptedRegistry().then(status, "", body.getBytes(UTF_8))) {
      assertThatThrownBy(() -> compare(ALL, a, b))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("cannot read the registry of " + b.url() + ": ")
          .hasMessageContaining(reason == null ? "" : reason);
    }
  }

  @Test
  void run_connectionRefused_isNamedWithoutCredentials() throws Exception {
    ScriptedRegistry closed = new ScriptedRegistry();
    closed.close();
    String address = closed.url().toString();
    URI secret = URI.create(address.replace("//", "//user:secret@"));

    assertThatThrownBy(() -> new ConsistencyCheck(List.of(secret, secret)).run(ALL))
        .isInstanceOf(IOException.class)
        .hasMessage("cannot read the registry of " + address + ": cannot connect");
  }
}
