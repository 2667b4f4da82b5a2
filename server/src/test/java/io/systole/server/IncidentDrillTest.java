// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.LeaseInfo;
import io.systole.server.registry.Instances;
import io.systole.server.registry.LeaseKey.LookupKey;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RenewOutcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Three incidents, and every sentence and figure that an operator receives about them. */
class IncidentDrillTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final long INTERVAL_MS = 30_000;
  private static final long DOWNTIME_MS = 30 * 60_000;
  private static final List<String> ZONES = List.of("eu-1a", "eu-1b", "eu-1c");

  @TempDir
  private Path directory;

  /** A node, its instances with their zones, and the renewals that arrive every half minute. */
  private static final class Drill implements AutoCloseable {
    final LiveNode node;
    final Map<InstanceKey, String> zones = new LinkedHashMap<>();

    Drill(Map<String, String> options) throws IOException {
      node = LiveNode.start(options);
    }

    /** Registers five applications of random sizes, whose zones are random. */
    Drill withFleet(long seed) {
      Random random = new Random(seed);
      for (String app : List.of("ORDERS", "PAY", "SEARCH", "STOCK", "USERS")) {
        int size = 15 + random.nextInt(10);
        for (int i = 0; i < size; i++) {
          zones.put(new InstanceKey(app, app + "-" + i), ZONES.get(random.nextInt(ZONES.size())));
        }
      }
      zones.forEach((key, zone) -> node.server
          .registry()
          .register(
              Instances.up(key.app(), key.id(), 90).toBuilder()
                  .leaseInfo(new LeaseInfo(30, 90, 0, 0, 0, 0))
                  .metadata(Map.of("zone", zone))
                  .build(),
              Origin.CLIENT));
      return this;
    }

    List<InstanceKey> instances(Predicate<InstanceKey> which) {
      return zones.keySet().stream().filter(which).toList();
    }

    /** Renews these instances at the end of each half minute; each minute ends with a run. */
    void pass(int minutes, Predicate<InstanceKey> living) {
      for (int half = 0; half < 2 * minutes; half++) {
        node.passTime(INTERVAL_MS);
        renew(living);
        if (half % 2 == 1) {
          node.server.rate().endMinute();
          node.server.evictor().run();
        }
      }
    }

    /** Returns the instances that were not registered. */
    List<InstanceKey> renew(Predicate<InstanceKey> living) {
      List<InstanceKey> unknown = new ArrayList<>();
      for (InstanceKey key : instances(living)) {
        RenewOutcome outcome = node.server
            .registry()
            .renew(
                LookupKey.of(key), node.clock.monotonicNs(), Registry.NO_TIMESTAMP, Origin.CLIENT);
        if (outcome != RenewOutcome.RENEWED) {
          unknown.add(key);
        }
      }
      return unknown;
    }

    JsonNode json(String path) throws IOException {
      return JSON.readTree(get(path));
    }

    String explained(InstanceKey key) throws IOException {
      return json("/systole/explain/" + key.app() + "/" + key.id())
          .path("summary")
          .asString();
    }

    String selfPreservation() throws IOException {
      return json("/systole/self-preservation").path("summary").asString();
    }

    String now() {
      return Instant.ofEpochMilli(node.clock.wallMs()).toString();
    }

    /** Returns the value of a series of {@code /metrics}. */
    double metric(String series) throws IOException {
      Matcher line =
          Pattern.compile("(?m)^" + Pattern.quote(series) + " (\\S+)$").matcher(get("/metrics"));
      assertThat(line.find()).as(series).isTrue();
      return Double.parseDouble(line.group(1));
    }

    private String get(String path) throws IOException {
      String request = "GET " + path + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
      return node.exchange(request.getBytes(StandardCharsets.US_ASCII)).text();
    }

    @Override
    public void close() {
      node.close();
    }
  }

  private static boolean isIn(Drill drill, InstanceKey key, String zone) {
    return zone.equals(drill.zones.get(key));
  }

  // ---- a zone is cut off for six minutes

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void zoneCutOff_byDefault_isProtectedWithAllOthersAndReturns(long seed) throws IOException {
    try (Drill drill = new Drill(Map.of()).withFleet(seed)) {
      drill.pass(3, key -> true);
      int leases = drill.zones.size();
      int threshold = (int) (2 * (leases + 1) * 0.85);
      assertThat(drill.selfPreservation())
          .isEqualTo("Not active: " + 2 * leases + " renewals in the last minute; evictions require"
              + " more than " + threshold + ". 0 expired leases are protected.");

      drill.pass(6, key -> !isIn(drill, key, "eu-1b"));

      List<InstanceKey> silent = drill.instances(key -> isIn(drill, key, "eu-1b"));
      int renewals = 2 * (leases - silent.size());
      assertThat(drill.selfPreservation())
          .isEqualTo(
              "Active, evictions are suspended: " + renewals + " renewals in the last minute;"
                  + " evictions require more than " + threshold + ". " + silent.size()
                  + " expired leases are protected.");
      JsonNode zone = drill.json("/systole/self-preservation").at("/now/zones/mostProtected/0");
      assertThat(zone.path("name").asString()).isEqualTo("eu-1b");
      assertThat(zone.path("protected").asInt()).isEqualTo(silent.size());
      // The last renewal was 6 minutes ago; a renewed lease lasts two durations.
      assertThat(silent)
          .allSatisfy(key -> assertThat(drill.explained(key))
              .isEqualTo("The lease expired 3 min ago but is protected by rule registry"
                  + " (self-preservation): " + renewals + " renewals in the last minute, at least "
                  + (threshold + 1) + " required."));
      assertThat(
              drill.explained(drill.instances(key -> isIn(drill, key, "eu-1a")).get(0)))
          .isEqualTo("The lease is valid for another 3 min.");
      assertProtected(drill, "registry", silent.size());
      assertThat(drill.metric("systole_eviction_self_preservation_active")).isOne();
      assertThat(drill.metric("systole_eviction_renewals")).isEqualTo(renewals);
      assertThat(drill.metric("systole_eviction_renewals_threshold")).isEqualTo(threshold);
      assertThat(drill.metric("systole_registry_evictions_total")).isZero();
      // Counted at intervals of a timer.
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () -> assertThat(drill.metric("systole_eviction_expired")).isEqualTo(silent.size()));

      assertThat(drill.renew(key -> true)).as("each is still registered").isEmpty();
      drill.pass(1, key -> true);
      assertThat(drill.selfPreservation())
          .startsWith("Not active: ")
          .endsWith(" 0 expired leases are protected.");
      assertThat(drill.metric("systole_eviction_self_preservation_active")).isZero();
      assertThat(drill.metric("systole_registry_leases")).isEqualTo(leases);
    }
  }

  private static void assertProtected(Drill drill, String rule, int count) throws IOException {
    for (String each : List.of("registry", "app", "zone", "cap", "stall")) {
      assertThat(drill.metric("systole_eviction_protected{rule=\"" + each + "\"}"))
          .as(each)
          .isEqualTo(each.equals(rule) ? count : 0);
    }
  }

  // ---- one application is killed, and one instance of another

  @ParameterizedTest
  @ValueSource(longs = {3, 4})
  void applicationKilled_protectApp_isProtectedAloneForAnHour(long seed) throws IOException {
    try (Drill drill = new Drill(Map.of("--protect", "app")).withFleet(seed)) {
      drill.pass(3, key -> true);
      InstanceKey single = new InstanceKey("USERS", "USERS-3");
      Predicate<InstanceKey> living = key -> !key.app().equals("PAY") && !key.equals(single);
      List<InstanceKey> killed = drill.instances(key -> key.app().equals("PAY"));

      drill.pass(4, living);

      // The 15 % that may be missing, rounded up.
      int tolerated = (int) Math.ceil(killed.size() * 0.15);
      assertThat(killed)
          .allSatisfy(key -> assertThat(drill.explained(key))
              .isEqualTo(
                  "The lease expired 1 min ago but is protected by rule app: " + killed.size()
                      + " leases of application PAY have expired, more than " + tolerated
                      + " at once indicate a failure."));
      assertThat(drill.explained(single))
          .isEqualTo(
              "Removed at " + drill.now() + ": evicted by this node after the lease expired.");
      assertThat(drill.explained(new InstanceKey("USERS", "USERS-4")))
          .isEqualTo("The lease is valid for another 3 min.");
      assertThat(drill.selfPreservation())
          .isEqualTo("The rule registry is off. " + 2 * drill.instances(living).size()
              + " renewals in the last minute; evictions require more than "
              + (int) (2 * drill.zones.size() * 0.85) + ". " + killed.size()
              + " expired leases are protected.");
      assertProtected(drill, "app", killed.size());
      assertThat(drill.metric("systole_eviction_self_preservation_active")).isZero();
      assertThat(drill.metric("systole_registry_evictions_total")).isOne();

      drill.pass(59, living);
      assertThat(drill.explained(killed.get(0)))
          .startsWith("The lease expired 1 h ago but is protected by rule app: ");
      // Runs that evict 15 % of all leases each.
      drill.pass(2, living);
      assertThat(killed)
          .allSatisfy(key -> assertThat(drill.explained(key))
              .startsWith("Removed at ")
              .endsWith(": evicted by this node after the lease expired."));
      assertProtected(drill, "none", 0);
      assertThat(drill.metric("systole_registry_evictions_total")).isEqualTo(killed.size() + 1);
      assertThat(drill.metric("systole_registry_leases"))
          .isEqualTo(drill.instances(living).size());
    }
  }

  // ---- a node is restarted with a journal of half an hour ago

  @ParameterizedTest
  @ValueSource(longs = {5, 6})
  void restarted_withAnOldJournal_keepsWhoRenewsAndEvictsTheRest(long seed) throws IOException {
    Map<String, String> options = Map.of("--data-dir", directory.toString());
    Map<InstanceKey, String> fleet;
    InstanceKey cancelled = new InstanceKey("SEARCH", "SEARCH-2");
    String cancelledAt;
    try (Drill before = new Drill(options)) {
      before.node.clock.stepWallTo(LiveNode.START_WALL_MS - DOWNTIME_MS);
      fleet = before.withFleet(seed).zones;
      before.pass(2, key -> true);
      before.node.server.registry().cancel(cancelled, Origin.CLIENT);
      cancelledAt = before.now();
      fleet.remove(cancelled);
    }
    Predicate<InstanceKey> returning = key -> !key.app().equals("STOCK");

    try (Drill drill = new Drill(options)) {
      drill.zones.putAll(fleet);
      List<InstanceKey> gone = drill.instances(returning.negate());
      String restored = "The lease was restored when the node started at " + drill.now()
          + " and has not been renewed since. The lease is valid for another ";
      String unprotected = "; unless renewed before, it is evicted then, and no rule protects it.";
      assertThat(drill.explained(gone.get(0))).isEqualTo(restored + "1 min 30 s" + unprotected);
      assertThat(drill.explained(cancelled))
          .isEqualTo("Removed at " + cancelledAt
              + ": cancelled by the instance, or by another client that sent DELETE for it.");
      assertThat(drill.metric("systole_store_restored_leases")).isEqualTo(fleet.size());
      assertThat(drill.metric("systole_eviction_self_preservation_active")).isZero();

      drill.pass(1, returning);

      assertThat(gone)
          .allSatisfy(
              key -> assertThat(drill.explained(key)).isEqualTo(restored + "30 s" + unprotected));
      assertThat(drill.explained(drill.instances(returning).get(0)))
          .isEqualTo("The lease is valid for another 3 min.");
      assertThat(drill.selfPreservation())
          .isEqualTo("Not active: " + 2 * drill.instances(returning).size()
              + " renewals in the last minute; evictions require more than "
              + (int) (2 * (drill.instances(returning).size() + 1) * 0.85)
              + ". 0 expired leases are protected.");

      drill.pass(1, returning);

      assertThat(gone)
          .allSatisfy(key -> assertThat(drill.explained(key))
              .isEqualTo(
                  "Removed at " + drill.now() + ": evicted by this node after the lease expired."));
      JsonNode last = drill.json("/systole/recent").at("/evicted/0");
      assertThat(last.path("cause").asString()).isEqualTo("unrenewed");
      assertThat(last.path("because").asString())
          .isEqualTo("restored when the node started and not renewed within one duration");
      assertProtected(drill, "none", 0);
      assertThat(drill.metric("systole_registry_evictions_total")).isEqualTo(gone.size());
      assertThat(drill.metric("systole_registry_renewals_total{outcome=\"unknown_instance\"}"))
          .isZero();
      assertThat(drill.renew(returning)).as("each is still registered").isEmpty();
    }
  }
}
