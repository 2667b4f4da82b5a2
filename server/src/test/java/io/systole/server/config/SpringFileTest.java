// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpringFileTest {
  /** The example of two peer-aware servers in Spring's documentation. */
  private static final String TWO_PEERS = """
      ---
      spring:
        profiles: peer1
      eureka:
        instance:
          hostname: peer1
        client:
          serviceUrl:
            defaultZone: https://peer2/eureka/

      ---
      spring:
        profiles: peer2
      eureka:
        instance:
          hostname: peer2
        client:
          serviceUrl:
            defaultZone: https://peer1/eureka/
      """;

  /** The example of three peer-aware servers in Spring's documentation. */
  private static final String THREE_PEERS = """
      eureka:
        client:
          serviceUrl:
            defaultZone: https://peer1/eureka/,http://peer2/eureka/,http://peer3/eureka/

      ---
      spring:
        config.activate.on-profile: peer1
      eureka:
        instance:
          hostname: peer1

      ---
      spring:
        config:
          activate:
            on-profile: peer2
      eureka:
        instance:
          hostname: peer2
      """;

  private final Path file;
  private final Map<String, String> environment = new HashMap<>();

  SpringFileTest(@TempDir Path folder) {
    file = folder.resolve("application.yml");
  }

  @Test
  void load_standaloneExample_isHonouredAndTheRestReported() throws IOException {
    LoadedConfig loaded = load(SpringExamples.STANDALONE);

    assertThat(loaded.server().net().port()).isEqualTo(8761);
    assertThat(loaded.server().peers().isSelfRegistered()).isFalse();
    assertThat(loaded.server().peers().urls())
        .containsExactly(URI.create("http://localhost:8761/eureka/"));
    assertThat(loaded.notices())
        .containsExactly(
            file + ":6: eureka.instance.hostname has no counterpart: the node describes itself, and"
                + " only with --register-self",
            file + ":9: eureka.client.fetchRegistry has no counterpart: the node is a client of its"
                + " --peers only");
  }

  @Test
  void load_peersExampleWithProfile_usesItsDocument() throws IOException {
    LoadedConfig loaded = load(TWO_PEERS, "--spring-profiles", "peer2");

    assertThat(loaded.server().peers().urls()).containsExactly(URI.create("https://peer1/eureka/"));
    assertThat(loaded.notices())
        .containsExactly(
            file + ":3: the document for profile peer1 is skipped; active: peer2"
                + " (--spring-profiles)",
            file
                + ":16: eureka.instance.hostname has no counterpart: the node describes itself, and"
                + " only with --register-self");
  }

  @Test
  void load_peersExampleWithoutProfile_reportsEachDocumentAsSkipped() throws IOException {
    LoadedConfig loaded = load(TWO_PEERS);

    assertThat(loaded.server().peers().urls()).isEmpty();
    assertThat(loaded.notices())
        .containsExactly(
            file + ":3: the document for profile peer1 is skipped; active: default"
                + " (--spring-profiles)",
            file + ":13: the document for profile peer2 is skipped; active: default"
                + " (--spring-profiles)");
  }

  @Test
  void load_threePeersExample_usesTheUnconditionalDocument() throws IOException {
    LoadedConfig loaded = load(THREE_PEERS, "--spring-profiles", "peer1");

    assertThat(loaded.server().peers().urls()).hasSize(3);
    assertThat(loaded.notices()).hasSize(2);
  }

  @Test
  void load_profilesOfTheFile_areActive() throws IOException {
    String text = """
        spring.profiles.active: [a, b]
        server.port: 1
        ---
        spring.config.activate.on-profile: b
        server.port: 2
        ---
        spring.config.activate.on-profile: "!b"
        server.port: 3
        ---
        spring.config.activate.on-cloud-platform: kubernetes
        server.port: 4
        """;

    assertThat(load(text).server().net().port()).isEqualTo(2);
    assertThat(load(text, "--spring-profiles", "c").server().net().port()).isEqualTo(3);
    assertThat(load(text).notices())
        .contains(file + ":10: the document for cloud platform kubernetes is skipped");
  }

  @Test
  void load_profileExpression_isRefused() {
    assertThatThrownBy(() -> load("spring.config.activate.on-profile: a & b\n"))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessage(file + ":1: spring.config.activate.on-profile=a & b is not a list of profiles");
  }

  /** Each name of the specification that has the meaning of an option. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "server.address | ::1 | bind: \"::1\"",
        "server.servlet.context-path | /x | prefixes: \"/x/eureka,/x/eureka/v2,/x/v2\"",
        "server.servlet.context-path | / | prefixes: \"/eureka,/eureka/v2,/v2\"",
        "server.max-http-request-header-size | 8KB | max-head-size: 8KiB",
        "server.max-http-request-header-size | 4096 | max-head-size: 4KiB",
        "server.tomcat.max-connections | 8192 | max-connections: 8192",
        "server.tomcat.keepAliveTimeout | 20000 | idle-timeout: 20s",
        "spring.lifecycle.timeout-per-shutdown-phase | 20s | drain-timeout: 20s",
        "management.server.port | 8081 | management-port: 8081",
        "logging.level.root | WARN | log-level: warn",
        "eureka.client.register-with-eureka | true | register-self: true",
        "eureka.client.serviceUrl.defaultZone | http://a/e | peers: \"http://a/e\"",
        "eureka.client.service-url.us-east-1a | http://a/e | peers: \"http://a/e\"",
        "eureka.instance.registry.default-open-for-traffic-count | 0 | expected-clients: 0",
        "eureka.server.enableSelfPreservation | false | self-preservation: false",
        "eureka.server.enable-self-preservation | off | self-preservation: false",
        "eureka.server.ENABLE_SELF_PRESERVATION | NO | self-preservation: false",
        "eureka.server.renewalPercentThreshold | 0.49 | renewal-share: 49%",
        "eureka.server.renewal-threshold-update-interval-ms | 60000 | threshold-update-interval: 1m",
        "eureka.server.expectedClientRenewalIntervalSeconds | 10 | expected-interval: 10s",
        "eureka.server.eviction-interval-timer-in-ms | 5000 | eviction-interval: 5s",
        "eureka.server.retention-time-in-m-s-in-delta-queue | 60000 | delta-retention: 1m",
        "eureka.server.retentionTimeInMSInDeltaQueue | 60000 | delta-retention: 1m",
        "eureka.server.disable-delta | true | disable-delta: true",
        "eureka.server.waitTimeInMsWhenSyncEmpty | 0 | wait-when-empty: 0",
        "eureka.server.sync-when-timestamp-differs | false | sync-when-timestamp-differs: false",
        "eureka.server.peer-node-read-timeout-ms | 200 | peer-timeout: 200ms",
        "eureka.server.peerNodeConnectTimeoutMs | 300 | peer-timeout: 300ms"
      })
  void load_nameWithCounterpart_setsTheOption(String name, String value, String line)
      throws IOException {
    LoadedConfig loaded = load(name + ": \"" + value + "\"\n");

    assertThat(loaded.toYaml()).containsPattern("(?m)^  \\Q" + line + "\\E +# .*:1: \\Q" + name);
    assertThat(loaded.notices()).isEmpty();
  }

  /** Each name of the specification that no option has the meaning of. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "eureka.server.responseCacheUpdateIntervalMs | responses change with the registry and never expire",
        "eureka.server.response-cache-auto-expiration-in-seconds | responses change with the registry and never expire",
        "eureka.server.use-read-only-response-cache | responses change with the registry and never expire",
        "eureka.server.delta-retention-timer-interval-in-ms | changes leave deltas when --delta-retention ends",
        "eureka.server.registry-sync-retries | a starting node loads the registry of a peer for as long as --wait-when-empty",
        "eureka.server.registry-sync-retry-wait-ms | a starting node loads the registry of a peer for as long as --wait-when-empty",
        "eureka.server.peer-eureka-nodes-update-interval-ms | the names of peers are resolved every 30 s",
        "eureka.server.peer-node-total-connections | each peer has one connection, which stays open",
        "eureka.server.max-threads-for-peer-replication | --max-delta-size bounds what all peers are sent later",
        "eureka.server.max-elements-in-status-replication-pool | registries of AWS are not supported",
        "eureka.server.batch-replication | stock servers do not read it",
        "eureka.server.my-url | a node recognizes its own address",
        "eureka.server.rate-limiter-enabled | the limits of connections and sources take its place",
        "eureka.server.remote-region-urls-with-name.eu | remote regions are not supported",
        "eureka.server.a-w-s-access-id | registries of AWS are not supported",
        "eureka.server.aWSSecretKey | registries of AWS are not supported",
        "eureka.instance.prefer-ip-address | the node describes itself, and only with --register-self",
        "eureka.dashboard.enabled | there is no dashboard",
        "eureka.datacenter | it is only shown on dashboards",
        "eureka.client.availability-zones.eu | the node is a client of its --peers only"
      })
  void load_nameWithoutCounterpart_isReportedWithTheReason(String name, String reason)
      throws IOException {
    LoadedConfig loaded = load(name + ": secret\n");

    assertThat(loaded.notices())
        .containsExactly(file + ":1: " + name + " has no counterpart: " + reason);
    assertThat(loaded.server()).isEqualTo(ConfigParser.defaults());
  }

  @Test
  void load_otherNames_areReported() throws IOException {
    LoadedConfig loaded = load("""
        spring: {application: {name: registry}, cloud: {gateway: {routes: [{id: a}, {id: b}]}}}
        logging.level: {com.netflix: "OFF"}
        info: {build: 1}
        eureka.server.enableSelfPreservaton: false
        eureka.server.nonsense-of-somebody: 1
        """);

    assertThat(loaded.notices())
        .containsExactly(
            file + ":1: spring.application.name has no counterpart",
            file + ":1: spring.cloud.gateway.routes[0].id has no counterpart",
            file + ":1: spring.cloud.gateway.routes[1].id has no counterpart",
            file + ":2: logging.level.com.netflix has no counterpart",
            file + ":3: info.build has no counterpart",
            file + ":4: eureka.server.enableSelfPreservaton is unknown; did you mean"
                + " eureka.server.enable-self-preservation?",
            file + ":5: eureka.server.nonsense-of-somebody is unknown");
  }

  /** Regression: they were only reported, so a node with a misspelt option started unsecured. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "security: {credentails-file: /x} | security.credentails-file is not a known key;"
            + " did you mean security.credentials-file?",
        "Security.tlsKey: /x | Security.tlsKey is not a known key; did you mean security.tls-key?",
        "cluster: [{peers: none}] | cluster[0].peers is not a known key;"
            + " did you mean cluster.peers?"
      })
  void load_unknownNameInAnOwnGroup_isRefused(String line, String message) {
    assertThatThrownBy(() -> load("server: {port: 1}\n" + line + "\n"))
        .hasMessage(file + ":2: " + message);
  }

  @Test
  void load_emptyOwnGroup_isAccepted() throws IOException {
    assertThat(load("server: {port: 1}\nsecurity:\n").notices()).isEmpty();
  }

  @Test
  void load_severalNamesOfOneOption_areCombined() throws IOException {
    ServerConfig config = load("""
        eureka:
          client:
            service-url:
              a: http://a/eureka
              b: http://b/eureka,http://c/eureka
          server:
            peer-node-connect-timeout-ms: 900
            peer-node-read-timeout-ms: 300
        """).server();

    assertThat(config.peers().urls()).hasSize(3);
    assertThat(config.peers().timeoutMs()).isEqualTo(900);
  }

  @Test
  void load_ownGroupsInASpringFile_takePrecedence() throws IOException {
    LoadedConfig loaded = load("server: {port: 1}\nlisten: {port: 2, workers: 3}\n");

    assertThat(loaded.server().net().port()).isEqualTo(2);
    assertThat(loaded.server().net().workers()).isEqualTo(3);
    assertThat(loaded.notices()).isEmpty();
  }

  @Test
  void load_placeholders_areResolvedFromFileEnvironmentAndDefault() throws IOException {
    environment.put("PEER_HOST", "b");

    ServerConfig config = load("""
        eureka.client.service-url.defaultZone:
          - http://${own.host-name}/eureka
          - http://${peer.host}:${PEER_PORT:1}/eureka
          - http://${c:${d:x}}/eureka
        own.hostName: a
        """).server();

    assertThat(config.peers().urls())
        .containsExactly(
            URI.create("http://a/eureka"),
            URI.create("http://b:1/eureka"),
            URI.create("http://x/eureka"));
  }

  @Test
  void load_unresolvablePlaceholder_isRefusedWithoutCredentials() {
    assertThatThrownBy(() -> load("eureka.client.service-url.a: http://u:secret@${host}/eureka"))
        .hasMessage(file + ":1: eureka.client.service-url.a=http://***@${host}/eureka has a"
            + " placeholder that can't be resolved");
    assertThatThrownBy(() -> load("server.port: ${a}\na: ${b}\nb: ${a}"))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageContaining("server.port=${");
  }

  @Test
  void load_invalidValue_isRefusedWithItsName() {
    assertThatThrownBy(() -> load("eureka.server.eviction-interval-timer-in-ms: 5\n"))
        .hasMessageStartingWith(
            file + ":1: eureka.server.eviction-interval-timer-in-ms=5ms is not within 100ms..1h");
  }

  @Test
  void load_nameInTwoNotations_isRefused() {
    assertThatThrownBy(() -> load("server.disableDelta: true\nserver.disable-delta: true\n"))
        .hasMessage(file + ":2: server.disable-delta is a duplicate of server.disableDelta in "
            + file + ":1");
  }

  private LoadedConfig load(String text, String... arguments) throws IOException {
    Files.writeString(file, text);
    List<String> all = new ArrayList<>(Arrays.asList(arguments));
    all.addAll(List.of("--config", file.toString()));
    Map<String, String> flags = new HashMap<>();
    for (int index = 0; index < all.size(); index += 2) {
      flags.put(all.get(index), all.get(index + 1));
    }
    return ConfigParser.load(flags, environment);
  }
}
