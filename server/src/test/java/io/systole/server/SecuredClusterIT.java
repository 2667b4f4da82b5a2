// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.systole.client.ClientBuilder;
import io.systole.client.HeartbeatClient;
import io.systole.client.api.TlsFiles;
import io.systole.client.archive.UnpackedArchive;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.LeaseInfo;
import io.systole.server.SecuredCluster.User;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What an operator does with two secured nodes of the archive while unmodified Spring clients and a
 * fleet renew: rotates certificates, changes a limit, upgrades both, then the only one left.
 */
@Tag("extended")
class SecuredClusterIT {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final int INSTANCES = 20;

  /** A heartbeat that is a whole interval late counts as not sent; clients may take a second. */
  private static final Duration INTERVAL = Duration.ofSeconds(3);

  /** Spring's client cancels a renewal after an interval; a stale connection takes it a second. */
  private static final int SPRING_INTERVAL_SECS = 5;

  private static final String ORDERS = "ORDERS/orders-1";
  private static final String BILLING = "BILLING/billing-1";

  /** What Netflix's client logs when a renewal fails, or receives 404. */
  private static final List<String> RENEWAL_FAILURES =
      List.of("was unable to send heartbeat", "Re-registering");

  private static final Pattern LAST_RENEWAL = Pattern.compile("\"lastRenewalAtMs\" : (\\d+)");

  private static final List<String> READABLE_PATHS = List.of(
      "/metrics",
      "/health",
      "/systole/peers",
      "/systole/recent",
      "/systole/self-preservation",
      "/systole/explain/" + ORDERS,
      "/eureka/status");

  private final Path folder;
  private final UnpackedArchive release;
  private final SecuredCluster cluster;
  private final HeartbeatOutcomes outcomes = new HeartbeatOutcomes();
  private final List<RealClient> clients = new ArrayList<>();

  SecuredClusterIT(@TempDir Path folder) throws Exception {
    this.folder = folder;
    release = unpack("release");
    cluster = new SecuredCluster(folder);
  }

  private UnpackedArchive unpack(String name) throws IOException, InterruptedException {
    return UnpackedArchive.in(
        Path.of("target"), "systole", Files.createDirectory(folder.resolve(name)));
  }

  @AfterEach
  void stop() {
    clients.forEach(RealClient::close);
    cluster.close();
  }

  @Test
  void securedNodes_operatedUnderHeartbeats_everyLeaseIsRenewed() throws Exception {
    String printed = cluster.nodes.get(0).output(release, "config", "print");
    for (ArchivedNode node : cluster.nodes) {
      node.start(release);
    }
    startSpringClients();
    try (HeartbeatClient fleet = startFleet()) {
      awaitClients();
      List<Integer> marks = outputLengths();

      rotatesCertificate();
      keepsCertificateWhenItsReplacementIsBroken();
      changesLimit();
      keepsCredentialsWhenTheirReplacementIsBroken();
      UnpackedArchive next = unpack("next-release");
      upgrade(0, next);
      upgrade(1, next);
      awaitPeers();

      assertThat(outcomes.failures()).as("heartbeats without a response").isEmpty();
      assertThat(renewalFailures(marks)).isEmpty();

      upgradeTheOnlyNode(next);

      assertThat(outcomes.refused()).as("statuses other than 200").isEmpty();
      assertThat(fleet.state()).isNotNull();
      assertNoSecretIn(printed);
    }
  }

  /** One client sends a password, the other a certificate only. */
  private void startSpringClients() throws Exception {
    String password = "password-of-stores";
    List<String> trust = List.of(
        "-Deureka.instance.lease-renewal-interval-in-seconds=" + SPRING_INTERVAL_SECS,
        "-Deureka.client.tls.enabled=true",
        "-Deureka.client.tls.trust-store=" + fileUrl(cluster.authority.trustStore(password)),
        "-Deureka.client.tls.trust-store-type=PKCS12",
        "-Deureka.client.tls.trust-store-password=" + password);
    Path identity = cluster.authority.keyStore(
        cluster.authority.issue(SecuredCluster.CERTIFICATE_USER), password);
    List<String> certificate = new ArrayList<>(trust);
    certificate.addAll(List.of(
        "-Deureka.client.tls.key-store=" + fileUrl(identity),
        "-Deureka.client.tls.key-store-type=PKCS12",
        "-Deureka.client.tls.key-store-password=" + password,
        "-Deureka.client.tls.key-password=" + password));
    ClientProgram program = RealClientsIT.SPRING_REST_CLIENT;
    clients.add(program
        .withJvmFlags(trust)
        .start(commaSeparated(cluster.urls(User.ORDERS.userInfo())), "ORDERS", "orders-1"));
    clients.add(program
        .withJvmFlags(certificate)
        .start(commaSeparated(cluster.urls("")), "BILLING", "billing-1"));
  }

  private static String fileUrl(Path file) {
    return "file:" + file;
  }

  private static String commaSeparated(List<URI> urls) {
    return urls.stream().map(URI::toString).collect(Collectors.joining(","));
  }

  private HeartbeatClient startFleet() throws Exception {
    HeartbeatClient fleet = new ClientBuilder()
        .servers(cluster.urls(User.FLEET.userInfo()))
        .tls(TlsFiles.trusting(cluster.authorityFile))
        .connections(2)
        .observers(() -> outcomes)
        .build();
    for (int i = 0; i < INSTANCES; i++) {
      InstanceInfo instance = InstanceInfo.builder()
          .app("FLEET")
          .instanceId("i-" + i)
          .hostName("h")
          .ipAddr("127.0.0.1")
          .leaseInfo(LeaseInfo.of(INTERVAL, INTERVAL.multipliedBy(10)))
          .build();
      fleet.register(instance).whenRegistered().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }
    return fleet;
  }

  /** Both see each other, so both have registered and read. */
  private void awaitClients() throws Exception {
    for (RealClient client : clients) {
      reach("clients", () -> client.sees(ORDERS + "=UP") && client.sees(BILLING + "=UP"));
    }
    awaitPeers();
    awaitRenewals(1);
  }

  private void rotatesCertificate() throws Exception {
    assertThat(cluster.presentedName(0)).isEqualTo("CN=node-0");

    cluster.rotate(0, cluster.authority.issue("rotated"));

    assertThat(cluster.presentedName(0)).isEqualTo("CN=rotated");
  }

  private void keepsCertificateWhenItsReplacementIsBroken() throws Exception {
    Path file = cluster.certificate(0);
    byte[] usable = Files.readAllBytes(file);
    ArchivedNode node = cluster.nodes.get(0);

    node.replace(file, new byte[] {'?'}, "changed TLS files are unusable");

    assertThat(cluster.presentedName(0)).isEqualTo("CN=rotated");
    node.replace(file, usable, "TLS files reloaded");
  }

  private void changesLimit() throws Exception {
    assertThat(registerLarge("large-1")).isEqualTo(204);

    cluster
        .nodes
        .get(0)
        .reload(
            cluster.configuration(0, "4KiB"),
            "configuration reloaded changed=[max-instance-size: 64KiB -> 4KiB]");

    assertThat(registerLarge("large-2")).isEqualTo(413);
  }

  private void keepsCredentialsWhenTheirReplacementIsBroken() throws Exception {
    byte[] usable = Files.readAllBytes(cluster.credentials());
    byte[] plain = ("user PEER " + User.PEER.password() + " roles=peer").getBytes(US_ASCII);
    ArchivedNode node = cluster.nodes.get(0);

    node.replace(cluster.credentials(), plain, "changed credentials are unusable");

    assertThat(cluster.guess(0)).containsExactly(401, 401);
    assertThat(cluster.get(0, "/metrics")).contains("systole_auth_failures_total");
    node.replace(cluster.credentials(), usable, "credentials reloaded");
  }

  private int registerLarge(String id) throws Exception {
    String document =
        PlainInstance.of("FLEET", id).replace("\"z1\"", "\"" + "z".repeat(8_192) + '"');
    return cluster.register(0, User.FLEET, document);
  }

  private void upgrade(int node, UnpackedArchive next) throws Exception {
    awaitPeers();
    cluster.nodes.get(node).stop();
    awaitRenewals(1 - node);
    cluster.nodes.get(node).start(next);
  }

  /** Its clients have no server for a moment, and then the leases that they had. */
  private void upgradeTheOnlyNode(UnpackedArchive next) throws Exception {
    cluster.nodes.get(1).stop();
    awaitRenewals(0);
    List<Integer> marks = outputLengths();

    cluster.nodes.get(0).stop();
    cluster.nodes.get(0).start(next);

    awaitRenewals(0);
    for (String instance : List.of(ORDERS, BILLING)) {
      assertThat(explain(0, instance)).contains("\"isRenewedSinceRestore\" : true");
    }
    assertThat(renewalFailures(marks)).noneMatch(line -> line.contains("Re-registering"));
    assertThat(cluster.get(0, "/metrics"))
        .contains("systole_registry_renewals_total{outcome=\"unknown_instance\"} 0.0");
  }

  private void awaitPeers() {
    for (int node = 0; node < 2; node++) {
      int queried = node;
      reach("peers", () -> cluster.get(queried, "/systole/peers").contains("\"up\""));
    }
  }

  /** Waits until a node knows of a renewal of each client from now on. */
  private void awaitRenewals(int node) throws Exception {
    long until = outcomes.renewed() + INSTANCES;
    for (String instance : List.of(ORDERS, BILLING)) {
      long lastMs = lastRenewalMs(node, instance);
      reach("renewal of " + instance, () -> lastRenewalMs(node, instance) > lastMs);
    }
    reach("renewals of the fleet", () -> outcomes.renewed() >= until);
  }

  /** Returns the time of the last renewal, epoch ms; 0 for none. */
  private long lastRenewalMs(int node, String instance) throws Exception {
    Matcher found = LAST_RENEWAL.matcher(explain(node, instance));
    return found.find() ? Long.parseLong(found.group(1)) : 0;
  }

  private String explain(int node, String instance) throws Exception {
    return cluster.get(node, "/systole/explain/" + instance);
  }

  private List<Integer> outputLengths() {
    return clients.stream().map(client -> client.output().length()).toList();
  }

  private List<String> renewalFailures(List<Integer> marks) {
    List<String> failures = new ArrayList<>();
    for (int i = 0; i < clients.size(); i++) {
      clients
          .get(i)
          .output()
          .substring(marks.get(i))
          .lines()
          .filter(line -> RENEWAL_FAILURES.stream().anyMatch(line::contains))
          .forEach(failures::add);
    }
    return failures;
  }

  private void assertNoSecretIn(String printed) throws Exception {
    StringBuilder shown = new StringBuilder(printed);
    for (String path : READABLE_PATHS) {
      shown.append(cluster.get(0, path));
    }
    for (ArchivedNode node : cluster.nodes) {
      shown.append(node.log());
    }
    shown.append(cluster.nodes.get(0).commandLine());
    for (String secret : cluster.secrets()) {
      assertThat(shown.indexOf(secret)).as(secret).isNegative();
    }
  }

  private void reach(String step, Callable<Boolean> condition) {
    try {
      await(step).pollInterval(Duration.ofMillis(100)).atMost(LIMIT).until(condition);
    } catch (ConditionTimeoutException failure) {
      throw new AssertionError("not reached: " + step + evidence(), failure);
    }
    System.out.printf("%tT %s%n", System.currentTimeMillis(), step);
  }

  private String evidence() {
    return clients.stream().map(RealClient::output).collect(Collectors.joining("\n---\n"));
  }
}
