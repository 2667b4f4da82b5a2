// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.systole.protocol.model.InstanceKey;
import io.systole.server.eviction.EvictionRules;
import io.systole.server.eviction.EvictionRules.RenewalThresholdMode;
import io.systole.server.eviction.ProtectionRule;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class ProtectionLogTest {
  private final Logger logger = (Logger) LoggerFactory.getLogger(ProtectionLog.class);
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();

  @BeforeEach
  void recordLog() {
    log.start();
    logger.addAppender(log);
  }

  @AfterEach
  void detachLog() {
    logger.detachAppender(log);
  }

  /** Returns the lines since the last call. */
  private List<String> lines() {
    List<String> lines = log.list.stream()
        .map(event -> event.getLevel() + " " + event.getFormattedMessage())
        .toList();
    log.list.clear();
    return lines;
  }

  private static ManagementFixture protecting(ProtectionRule... rules) {
    return new ManagementFixture(
        new EvictionRules(true, 0.85, 30, RenewalThresholdMode.NETFLIX, Set.of(rules), 3_600_000),
        true);
  }

  private static ProtectionLog logOf(ManagementFixture fixture) {
    ProtectionLog protections = new ProtectionLog(fixture.evictor, fixture.clock);
    fixture.evictor.onDecision(protections::observe);
    return protections;
  }

  /** Lets time pass in which no process paused and no timer was late. */
  private static void pass(ManagementFixture fixture, long ms) {
    for (long passed = 0; passed < ms; passed += 1_000) {
      fixture.clock.advanceMs(1_000);
      fixture.evictor.detectStalls();
    }
  }

  private static void renewAll(ManagementFixture fixture, String app, int count) {
    for (int i = 0; i < count; i++) {
      fixture.renew(new InstanceKey(app, app.toLowerCase(Locale.ROOT) + "-" + i));
    }
  }

  @Test
  void run_renewalsMissingAndBack_logsTheSentencesOfTheEndpoint() {
    ManagementFixture fixture = protecting(ProtectionRule.REGISTRY);
    ProtectionLog protections = logOf(fixture);
    fixture.register("PAY", 10);
    fixture.renewed("PAY", "pay-9", 15);
    pass(fixture, 95_000);

    protections.run();
    protections.run();

    assertThat(lines())
        .containsExactly("WARN self-preservation active renewals=15 threshold=18 expected=22"
            + " suppressed=0: " + summary(fixture));

    pass(fixture, LoggedState.INTERVAL_MS);
    fixture.renewed("PAY", "pay-9", 19);
    protections.run();

    assertThat(lines())
        .containsExactly("INFO self-preservation ended renewals=19 threshold=18 expected=22"
            + " suppressed=0: Not active: 19 renewals in the last minute; evictions require more"
            + " than 18. 7 expired leases are protected.");
  }

  private static String summary(ManagementFixture fixture) {
    return ManagementFixture.read(
            ManagementFixture.send(new SelfPreservationEndpoint(fixture.evictor), "", ""))
        .path("summary")
        .asString();
  }

  @Test
  void run_emptyOrJustStarted_logsNothing() {
    ManagementFixture fixture = protecting(ProtectionRule.REGISTRY);
    ProtectionLog protections = logOf(fixture);
    fixture.rate.endMinute();
    fixture.evictor.tick();

    protections.run();
    fixture.register("PAY", 3);
    pass(fixture, 95_000);
    fixture.evictor.run();
    protections.run();

    assertThat(fixture.evictor.lastRun().protectedBy(ProtectionRule.REGISTRY)).isEqualTo(3);
    assertThat(lines()).isEmpty();
  }

  @Test
  void observe_applicationExpires_logsBeginAndEndOfItsProtection() {
    ManagementFixture fixture = protecting(ProtectionRule.APP);
    logOf(fixture);
    fixture.register("PAY", 3);
    fixture.register("BILL", 20);
    pass(fixture, 60_000);
    renewAll(fixture, "BILL", 20);
    pass(fixture, 35_000);
    String explained = fixture.explanation("PAY", "pay-0").path("summary").asString();

    fixture.evictor.run();
    pass(fixture, 1_000);
    fixture.evictor.run();

    assertThat(explained)
        .isEqualTo("The lease expired 5 s ago but is protected by rule app: 3 leases of application"
            + " PAY have expired, more than 1 at once indicate a failure.");
    assertThat(lines())
        .containsExactly("WARN protection rule=app names=PAY started leases=3 suppressed=0:"
            + " 3 expired leases are protected by rule app: 3 leases of application PAY have"
            + " expired, more than 1 at once indicate a failure.");

    renewAll(fixture, "PAY", 3);
    renewAll(fixture, "BILL", 20);
    pass(fixture, 60_000);
    fixture.evictor.run();

    assertThat(lines())
        .containsExactly("INFO protection rule=app names=PAY ended leases=0 suppressed=0:"
            + " No expired lease is protected by rule app any more.");
  }

  @Test
  void observe_anotherApplicationExpires_explainsTheNewOne() {
    ManagementFixture fixture = protecting(ProtectionRule.APP);
    logOf(fixture);
    fixture.register("PAY", 3);
    fixture.register("BILL", 4);
    pass(fixture, 60_000);
    renewAll(fixture, "BILL", 4);
    pass(fixture, 35_000);
    fixture.evictor.run();
    lines();
    pass(fixture, 60_000);

    fixture.evictor.run();

    assertThat(lines())
        .containsExactly("WARN protection rule=app names=BILL,PAY changed added=BILL removed=-"
            + " leases=7 suppressed=0: 7 expired leases are protected by rule app: 4 leases of"
            + " application BILL have expired, more than 1 at once indicate a failure.");
  }

  @Test
  void observe_zoneExpires_namesTheZone() {
    ManagementFixture fixture = protecting(ProtectionRule.ZONE);
    logOf(fixture);
    for (int i = 0; i < 3; i++) {
      fixture.register("PAY", "pay-" + i, "eu-1a");
    }
    pass(fixture, 95_000);

    fixture.evictor.run();

    assertThat(lines())
        .containsExactly("WARN protection rule=zone names=eu-1a started leases=3 suppressed=0:"
            + " 3 expired leases are protected by rule zone: 3 leases of zone eu-1a have expired,"
            + " more than 1 at once indicate a failure.");
  }

  @Test
  void observe_registryAndCap_haveNoNames() {
    ManagementFixture fixture = protecting(ProtectionRule.REGISTRY);
    logOf(fixture);
    fixture.register("PAY", 10);
    fixture.renewed("PAY", "pay-9", 15);
    pass(fixture, 95_000);

    fixture.evictor.run();
    fixture.renewed("PAY", "pay-9", 19);
    pass(fixture, 60_000);
    fixture.evictor.run();

    assertThat(lines())
        .containsExactly(
            "WARN protection rule=registry names=- started leases=10 suppressed=0: 10 expired"
                + " leases are protected by rule registry (self-preservation): 15 renewals in the"
                + " last minute, at least 19 required.",
            "INFO protection rule=registry names=- ended leases=0 suppressed=0: No expired lease is"
                + " protected by rule registry any more.",
            "INFO protection rule=cap names=- started leases=7 suppressed=0: 7 expired leases are"
                + " protected by rule cap: a run evicts at most 2 of 9 candidates, selected at"
                + " random.");
  }

  @Test
  void observe_stall_isLogged() {
    ManagementFixture fixture = protecting(ProtectionRule.APP);
    logOf(fixture);
    fixture.evictor.run();
    fixture.register("PAY", 1);
    fixture.clock.advanceMs(600_000);

    fixture.evictor.run();
    pass(fixture, 60_000);
    fixture.evictor.run();

    assertThat(lines())
        .containsExactly("WARN protection rule=stall names=- started leases=1 suppressed=0:"
            + " 1 expired lease is protected by rule stall: the node could not accept renewals"
            + " around the deadline, and has served for 58 s 999 ms since then; the lease is"
            + " protected for 1 min 30 s.");
  }

  @Test
  void observe_flappingRule_logsOneLineAMinuteWithTheNumberOfOtherChanges() {
    ManagementFixture fixture = protecting(ProtectionRule.APP);
    ProtectionLog protections = logOf(fixture);
    EvictionRules on = fixture.evictor.rules();
    EvictionRules off = protecting().evictor.rules();
    fixture.register("PAY", 3);
    pass(fixture, 95_000);

    for (EvictionRules rules : List.of(on, off, on, off, on)) {
      fixture.evictor.replaceRules(rules);
      protections.observe(fixture.evictor.decision());
    }
    assertThat(linesOf("app"))
        .singleElement()
        .asString()
        .contains(" names=PAY started leases=3 suppressed=0: ");

    pass(fixture, LoggedState.INTERVAL_MS);
    protections.observe(fixture.evictor.decision());
    assertThat(linesOf("app")).isEmpty();

    fixture.evictor.replaceRules(off);
    protections.observe(fixture.evictor.decision());
    assertThat(linesOf("app"))
        .containsExactly("INFO protection rule=app names=PAY ended leases=0 suppressed=4:"
            + " No expired lease is protected by rule app any more.");
  }

  private List<String> linesOf(String rule) {
    return lines().stream()
        .filter(line -> line.contains("protection rule=" + rule + " "))
        .toList();
  }

  @Test
  void run_changedWithinAMinute_logsTheStateAtItsEnd() {
    ManagementFixture fixture = protecting(ProtectionRule.REGISTRY);
    ProtectionLog protections = logOf(fixture);
    fixture.register("PAY", 10);
    fixture.renewed("PAY", "pay-9", 15);
    protections.run();
    lines();

    fixture.renewed("PAY", "pay-9", 19);
    pass(fixture, LoggedState.INTERVAL_MS - 1_000);
    protections.run();
    List<String> early = lines();
    pass(fixture, 1_000);
    protections.run();

    assertThat(early).isEmpty();
    assertThat(lines())
        .singleElement()
        .asString()
        .startsWith("INFO self-preservation ended renewals=19 threshold=18 expected=22"
            + " suppressed=0: Not active: 19 renewals");
  }

  @Test
  void observe_manyApplications_namesTen() {
    ManagementFixture fixture = protecting(ProtectionRule.APP);
    logOf(fixture);
    for (int app = 10; app < 25; app++) {
      fixture.register("A" + app, 2);
    }
    pass(fixture, 95_000);

    fixture.evictor.run();

    assertThat(lines())
        .singleElement()
        .asString()
        .startsWith("WARN protection rule=app names=A10,A11,A12,A13,A14,A15,A16,A17,A18,A19,+5"
            + " started leases=30 suppressed=0: 30 expired leases");
  }

  @Test
  void observe_hostileName_isEscapedAndShortened() {
    ManagementFixture fixture = protecting(ProtectionRule.ZONE);
    logOf(fixture);
    String zone = "a\nWARN fake \u202e" + "x".repeat(10_000);
    for (int i = 0; i < 3; i++) {
      fixture.register("PAY", "pay-" + i, zone);
    }
    pass(fixture, 95_000);

    fixture.evictor.run();

    assertThat(lines()).singleElement().satisfies(line -> {
      assertThat(line)
          .startsWith("WARN protection rule=zone names=\"a\\u000aWARN fake \\u202exxx")
          .doesNotContain("\n")
          .doesNotContain("\u202e")
          .hasSizeLessThan(1_000);
    });
  }
}
