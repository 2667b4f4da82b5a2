// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceKey;
import io.systole.server.registry.LeaseKey.LookupKey;
import io.systole.server.time.ManualClock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests the timer wheel through the registry. */
class ExpiryTimerWheelTest {
  private static final int FLEET = 300;
  private static final int STEPS = 20_000;

  private final ManualClock clock = new ManualClock();
  private Registry registry = registry(false);

  @Test
  void expired_registeredAgainWithAShorterDuration_isFoundAtItsNewDeadline() {
    register("i", 300);
    advance();
    clock.advanceMs(10_000);

    register("i", 2);
    clock.advanceMs(2_001);

    assertThat(expiredIds(0)).containsExactly("i");
  }

  @Test
  void expired_slotReusedAfterALongLease_isFoundAtTheNewDeadline() {
    register("long", 3_000);
    advance();
    registry.cancel(new InstanceKey("A", "long"), Origin.CLIENT);

    register("short", 1);
    clock.advanceMs(1_001);

    assertThat(expiredIds(0)).containsExactly("short");
  }

  @Test
  void expired_notEvicted_isFoundAgainUntilItIsRenewed() {
    register("i", 1);
    clock.advanceMs(1_001);

    assertThat(expiredIds(0)).containsExactly("i");
    assertThat(expiredIds(0)).containsExactly("i");

    renew("i");
    assertThat(expiredIds(0)).isEmpty();
    clock.advanceMs(2_001);
    assertThat(expiredIds(0)).containsExactly("i");
  }

  @Test
  void expired_withGrace_isFoundAfterTheGrace() {
    register("i", 1);
    clock.advanceMs(5_000);

    assertThat(expiredIds(4_000)).isEmpty();
    assertThat(expiredIds(3_999)).containsExactly("i");
  }

  @ParameterizedTest
  @CsvSource({"600", "86400", "2147483647"})
  void expired_deadlineBeyondTheWheel_isFoundToTheMillisecond(int durationSecs) {
    register("i", durationSecs);
    advance();

    clock.advanceMs(TimeUnit.SECONDS.toMillis(durationSecs));
    assertThat(expiredIds(0)).isEmpty();

    clock.advanceMs(1);
    assertThat(expiredIds(0)).containsExactly("i");
  }

  @Test
  void expired_afterAPauseOfDays_findsAll() {
    for (int i = 0; i < FLEET; i++) {
      register("i" + i, 1 + i);
    }
    advance();

    clock.advanceMs(TimeUnit.DAYS.toMillis(5));

    assertThat(expiredIds(0)).hasSize(FLEET);
  }

  @ParameterizedTest
  @CsvSource({"1, false", "2, true", "3, false", "4, true"})
  void expired_afterRandomOperations_equalsAScanOfAllLeases(long seed, boolean isStrict) {
    registry = registry(isStrict);
    Random random = new Random(seed);
    Map<String, Long> deadlines = new HashMap<>();
    Map<String, Integer> durations = new HashMap<>();

    for (int step = 0; step < STEPS; step++) {
      String id = "i" + random.nextInt(FLEET);
      long nowNs = clock.monotonicNs();
      switch (random.nextInt(10)) {
        case 0, 1 -> {
          int secs = random.nextInt(8) == 0 ? 1_000 : 1 + random.nextInt(60);
          register(id, secs);
          durations.put(id, secs);
          deadlines.put(id, nowNs + TimeUnit.SECONDS.toNanos(secs));
        }
        case 2 -> {
          registry.cancel(new InstanceKey("A", id), Origin.CLIENT);
          deadlines.remove(id);
        }
        case 3 -> advance();
        case 4 -> {
          TreeSet<String> due = new TreeSet<>();
          deadlines.forEach((name, deadlineNs) -> {
            if (nowNs > deadlineNs) {
              due.add(name);
            }
          });
          assertThat(new TreeSet<>(expiredIds(0)))
              .as("seed %d step %d", seed, step)
              .isEqualTo(due);
          if (random.nextBoolean()) {
            assertThat(registry.expiry().evictExpired(0)).isEqualTo(due.size());
            deadlines.keySet().removeAll(due);
          }
        }
        case 5 -> clock.advanceMs(random.nextInt(200) == 0 ? 700_000 : random.nextInt(3_000));
        default -> {
          renew(id);
          long durationsGiven = isStrict ? 1 : 2;
          deadlines.computeIfPresent(
              id,
              (name, deadlineNs) -> Math.max(
                  deadlineNs,
                  nowNs
                      + durationsGiven
                          * TimeUnit.SECONDS.toNanos(durations.getOrDefault(name, 0))));
        }
      }
    }
  }

  @Test
  void expired_moreLeasesThanBefore_areAllFound() {
    registry = registry(true, 20_000);
    for (int i = 0; i < 20_000; i++) {
      register("i" + i, 10);
      if (i == 10_000) {
        advance();
      }
    }

    clock.advanceMs(10_001);

    assertThat(expiredIds(0)).hasSize(20_000).doesNotHaveDuplicates();
  }

  private Registry registry(boolean isStrict) {
    return registry(isStrict, FLEET);
  }

  private Registry registry(boolean isStrict, int leasesMax) {
    LeaseRules rules = new LeaseRules(isStrict, 1, 0, 1);
    return new Registry(new RegistrySettings(leasesMax, true, 1_000, 10, rules), clock);
  }

  private void register(String id, int durationSecs) {
    registry.register(Instances.up("A", id, durationSecs), Origin.CLIENT);
  }

  private void renew(String id) {
    registry.renew(
        LookupKey.of(new InstanceKey("A", id)),
        clock.monotonicNs(),
        Registry.NO_TIMESTAMP,
        Origin.CLIENT);
  }

  private void advance() {
    registry.expiry().advance((app, intervalSecs, gapNs) -> {});
  }

  private List<String> expiredIds(long graceMs) {
    return registry.expiry().expired(TimeUnit.MILLISECONDS.toNanos(graceMs)).stream()
        .map(expired -> expired.key().id())
        .toList();
  }
}
