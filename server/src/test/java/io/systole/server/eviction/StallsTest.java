// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import static io.systole.protocol.model.InstanceStatus.OUT_OF_SERVICE;
import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceKey;
import io.systole.server.eviction.EvictionRules.RenewalThresholdMode;
import io.systole.server.registry.Instances;
import io.systole.server.registry.LeaseKey.LookupKey;
import io.systole.server.registry.LeaseRules;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RegistrySettings;
import io.systole.server.registry.RenewalRate;
import io.systole.server.time.ManualClock;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Tests a node that could not accept renewals, with runs every 5 s and only the cap. */
class StallsTest {
  private static final int LEASES = 200;
  private static final int DURATION_SECS = 20;
  private static final int RUN_SECS = 5;
  private static final EvictionRules RULES =
      new EvictionRules(false, 0, 30, RenewalThresholdMode.NETFLIX, Set.of(), 0);

  private final ManualClock clock = new ManualClock();
  private final Registry registry = new Registry(
      new RegistrySettings(1_000, true, 1_000, 10, new LeaseRules(true, 1, 0, 1)), clock);
  private long loopLagNs;
  private final Evictor evictor = new Evictor(
      registry,
      new RenewalRate(registry.renewal()::count),
      clock,
      new EvictionSettings(RUN_SECS * 1_000L, 900_000, 10, RULES),
      () -> loopLagNs);
  private int secs;

  StallsTest() {
    evictor.detectStalls();
    evictor.run();
    for (int i = 0; i < LEASES; i++) {
      registry.register(Instances.up("A", "i-" + i, DURATION_SECS), Origin.CLIENT);
    }
  }

  /** Regression: the grace lasted one run only, and live instances were evicted after it. */
  @Test
  void processStopped_wholeFleet_isProtectedForOneDuration() {
    clock.advanceMs(40_000);
    evictor.detectStalls();
    evictor.run();

    pass(DURATION_SECS - 1);

    assertThat(registry.leaseCount()).isEqualTo(LEASES);
    for (int i = 0; i < LEASES - 10; i++) {
      renew("i-" + i);
    }
    pass(RUN_SECS + 2);
    assertThat(registry.leaseCount()).isEqualTo(LEASES - 10);
  }

  /** Regression: a stop within an interval delayed no run, so that there was no grace. */
  @Test
  void processStopped_betweenTwoRuns_isDetected() {
    pass(RUN_SECS * 3 + 1);
    clock.advanceMs(3_500);
    pass(2);
    assertThat(evictor.lastRun().graceMs()).isLessThan(5_000);

    pass(DURATION_SECS - 3);

    assertThat(registry.leaseCount()).isEqualTo(LEASES);
  }

  /** Regression: the timer was on time, while connections of one event loop were not served. */
  @Test
  void eventLoopBlocked_leasesOfAllLoops_areProtectedForOneDuration() {
    pass(15);
    for (int blocked = 1; blocked <= 10; blocked++) {
      loopLagNs = blocked * 1_000_000_000L;
      pass(1);
    }
    loopLagNs = 0;

    pass(DURATION_SECS - 1);
    assertThat(registry.leaseCount()).isEqualTo(LEASES);

    pass(RUN_SECS + 2);
    assertThat(registry.leaseCount()).isZero();
  }

  /** Regression: protected by stall and listed, but 404 by id, and updates were refused. */
  @Test
  void processStopped_leaseProtectedByTheStall_isFoundAndUpdated() {
    InstanceKey key = new InstanceKey("A", "i-0");
    registry.expiry().hideIf(evictor::isHidden);
    clock.advanceMs(40_000);

    assertThat(registry.find(key)).isNotNull();
    assertThat(registry
            .statusOverrides()
            .set(key, OUT_OF_SERVICE, Registry.NO_TIMESTAMP, Origin.CLIENT))
        .isTrue();
  }

  @Test
  void processStopped_leaseThatHadExpiredBefore_staysHidden() {
    InstanceKey dead = new InstanceKey("A", "dead");
    registry.expiry().hideIf(evictor::isHidden);
    registry.register(Instances.up("A", "dead", 1), Origin.CLIENT);
    pass(2);
    clock.advanceMs(40_000);

    assertThat(registry.find(dead)).isNull();
    assertThat(registry.findStored(dead)).isNotNull();
  }

  @Test
  void processStopped_graceIsOver_isHiddenUntilItIsEvicted() {
    InstanceKey silent = new InstanceKey("A", "i-0");
    registry.expiry().hideIf(evictor::isHidden);
    clock.advanceMs(40_000);
    evictor.detectStalls();

    passWithoutRuns(DURATION_SECS);
    assertThat(registry.find(silent)).isNotNull();
    passWithoutRuns(1);

    assertThat(registry.find(silent)).isNull();
  }

  @Test
  void eventLoopLate_byLessThanAClientTimeout_delaysEvictionsByThatTime() {
    loopLagNs = 900_000_000L;

    pass(DURATION_SECS + RUN_SECS + 1);

    assertThat(registry.leaseCount()).isZero();
    assertThat(evictor.lastRun().graceMs()).isEqualTo(900);
  }

  @Test
  void processStopped_leaseThatHadExpiredBefore_isNotKept() {
    registry.register(Instances.up("A", "dead", 1), Origin.CLIENT);
    pass(2);
    clock.advanceMs(40_000);
    evictor.detectStalls();

    pass(RUN_SECS);

    assertThat(registry.expiry().deadline(new InstanceKey("A", "dead"))).isNull();
    assertThat(registry.leaseCount()).isEqualTo(LEASES);
  }

  /** Regression: a late call with an earlier time made the next one report a stall. */
  @Test
  void tick_callsOutOfOrder_isNoStall() {
    StallDetector detector = new StallDetector(() -> 0, 0);
    long periodNs = TimeUnit.SECONDS.toNanos(1);
    for (long tick = 0; tick <= 10; tick++) {
      detector.tick(tick * periodNs, periodNs);
    }

    detector.tick(2 * periodNs, periodNs);
    detector.tick(11 * periodNs, periodNs);

    assertThat(detector.count()).isZero();
  }

  /** Regression: each stall restarted the grace, and dead leases stayed forever. */
  @Test
  void repeatedStalls_graceIsGivenOnce_deadLeasesAreEvicted() {
    for (int stall = 0; stall < 30; stall++) {
      pass(3);
      clock.advanceMs(3_000);
    }

    assertThat(registry.leaseCount()).isZero();
  }

  @Test
  void stalls_beyondTheMaximum_dropsTheOldest() {
    StallDetector stalls = new StallDetector(() -> 0, 0);
    long nowNs = 0;
    for (int i = 0; i <= StallDetector.STALLS_MAX; i++) {
      stalls.tick(nowNs, 1);
      nowNs += 10_000_000_000L;
      stalls.tick(nowNs, 1);
      nowNs += 1;
    }

    assertThat(stalls.count()).isLessThanOrEqualTo(StallDetector.STALLS_MAX);
  }

  /** Advances by seconds, each with stall detection and a run when one is due. */
  private void pass(int seconds) {
    for (int i = 0; i < seconds; i++) {
      clock.advanceMs(1_000);
      evictor.detectStalls();
      evictor.tick();
      if (++secs % RUN_SECS == 0) {
        evictor.run();
      }
    }
  }

  private void passWithoutRuns(int seconds) {
    for (int i = 0; i < seconds; i++) {
      clock.advanceMs(1_000);
      evictor.detectStalls();
    }
  }

  private void renew(String id) {
    registry.renew(
        LookupKey.of(new InstanceKey("A", id)),
        clock.monotonicNs(),
        Registry.NO_TIMESTAMP,
        Origin.CLIENT);
  }
}
