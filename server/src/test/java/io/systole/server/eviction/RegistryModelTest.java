// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.systole.protocol.Repetitions;
import io.systole.protocol.model.InstanceInfo;
import io.systole.server.eviction.LeaseOperations.PublishedChange;
import io.systole.server.registry.Change;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/**
 * Compares registry and evictor with a reference implementation, step by step, over random
 * histories. The report of a failure has the seed and a minimal history.
 */
@Tag("randomized")
class RegistryModelTest {
  private static final int HISTORIES = Repetitions.of(400);
  private static final int STEPS = 250;
  private static final int LOOK_AROUND_EVERY = 100;

  /** The responses to readers are compared in one of this many histories. */
  private static final int READ_EVERY = 25;

  /** The minimum of occurrences of each event for a meaningful test. */
  private static final int OCCURRENCES_MIN = HISTORIES / 20;

  /** Off during the test: each run would log a line. */
  private static final Logger EVICTOR_LOG = (Logger) LoggerFactory.getLogger(Evictor.class);

  private final Map<String, Integer> occurrences = new TreeMap<>();

  @BeforeAll
  static void disableLog() {
    EVICTOR_LOG.setLevel(Level.OFF);
  }

  @AfterAll
  static void restoreLog() {
    EVICTOR_LOG.setLevel(null);
  }

  @Test
  void histories_ofRandomScenarios_equalTheReference() {
    for (long seed = 0; seed < HISTORIES; seed++) {
      ModelScenario scenario = ModelScenario.of(seed);
      List<Step> history = scenario.history(STEPS);
      String difference = difference(scenario, history, occurrences);
      if (difference != null) {
        fail(report(scenario, history));
      }
    }
    assertThat(occurrences)
        .containsKeys(
            "Renew RENEWED",
            "Renew UNKNOWN_INSTANCE",
            "Renew STATUS_UNKNOWN",
            "Renew CLIENT_IS_NEWER",
            "Renew PEER_IS_OLDER",
            "Register REGISTERED",
            "Register FULL",
            "Register OUTDATED",
            "AddMetadata UPDATED",
            "protected by STALL",
            "unrenewed evicted",
            "protected by REGISTRY",
            "protected by APP",
            "protected by ZONE",
            "protected by CAP",
            "override expired",
            "published REGISTRATION",
            "published AMENDMENT",
            "published CANCEL",
            "published EVICTION")
        .allSatisfy((what, count) -> assertThat(count).isGreaterThan(OCCURRENCES_MIN));
  }

  // ---------------------------------------------------------------- one history

  /** Returns the first step after which registry and reference differ, and how; null if none. */
  private static @Nullable String difference(
      ModelScenario scenario, List<Step> history, Map<String, Integer> occurrences) {
    ReferenceRegistry reference = new ReferenceRegistry(scenario);
    boolean isRead = scenario.seed() % READ_EVERY == 0;
    try (RegistryUnderTest real = new RegistryUnderTest(scenario)) {
      if (isRead) {
        real.open();
      }
      List<InstanceInfo> restored = scenario.restored();
      real.restore(restored);
      reference.restore(restored);
      // No renewal at the exact time of the restore.
      real.advance(1);
      reference.advance(1);
      for (int i = 0; i < history.size(); i++) {
        boolean isToLookAround = i % LOOK_AROUND_EVERY == 0 || i == history.size() - 1;
        String difference = firstOf(
            difference(real, reference, history.get(i), occurrences),
            isToLookAround ? differenceAround(real, reference, isRead) : null);
        if (difference != null) {
          return "step " + i + ", " + history.get(i) + ": " + difference;
        }
      }
    }
    occurrences.merge("override expired", reference.expiredOverrides(), Integer::sum);
    return null;
  }

  private static @Nullable String difference(
      RegistryUnderTest real,
      ReferenceRegistry reference,
      Step step,
      Map<String, Integer> occurrences) {
    Object outcome = step.applyTo(real);
    if (step instanceof Step.Evict) {
      reference.select(RegistryUnderTest.evictedOf(outcome));
      occurrences.merge("unrenewed evicted", real.unrenewedEvicted(), Integer::sum);
      real.protectingRules()
          .forEach(rule -> occurrences.merge("protected by " + rule, 1, Integer::sum));
    }
    Object due = step.applyTo(reference);
    List<PublishedChange> reported = unstampedRemovals(real.reported());
    List<PublishedChange> reportedDue = unstampedRemovals(reference.reported());
    count(step, outcome, reported, occurrences);
    return firstOf(
        unequal("outcome", outcome, due),
        unequal("published changes", reported, reportedDue),
        unequal("instance", real.stateOf(step.key()), reference.stateOf(step.key())),
        unequal("numbers", real.numbers(), reference.numbers()));
  }

  private static @Nullable String differenceAround(
      RegistryUnderTest real, ReferenceRegistry reference, boolean isRead) {
    String difference = unequal("everything", real.everything(), reference.everything());
    return difference != null || !isRead
        ? difference
        : firstOf(
            unequal("full registry", real.full(), reference.full()),
            unequal("delta", real.delta(), reference.delta()));
  }

  private static void count(
      Step step, Object outcome, List<PublishedChange> reported, Map<String, Integer> occurrences) {
    if (outcome instanceof Enum<?>) {
      occurrences.merge(step.getClass().getSimpleName() + ' ' + outcome, 1, Integer::sum);
    }
    reported.forEach(each -> occurrences.merge("published " + each.cause(), 1, Integer::sum));
  }

  /** Removes the last renewal of removed instances, which is not specified. */
  private static List<PublishedChange> unstampedRemovals(List<PublishedChange> reported) {
    List<PublishedChange> comparable = new ArrayList<>();
    for (PublishedChange each : reported) {
      InstanceInfo document = each.document();
      boolean isRemoval =
          each.cause() == Change.Cause.CANCEL || each.cause() == Change.Cause.EVICTION;
      InstanceInfo unstamped = isRemoval
          ? document.toBuilder().leaseInfo(document.leaseInfo().renewedAt(0)).build()
          : document;
      comparable.add(new PublishedChange(each.cause(), each.origin(), unstamped, each.override()));
    }
    return comparable;
  }

  private static @Nullable String unequal(String what, Object actual, Object due) {
    return actual.equals(due) ? null : what + " " + actual + ", reference " + due;
  }

  private static @Nullable String firstOf(@Nullable String... differences) {
    for (String difference : differences) {
      if (difference != null) {
        return difference;
      }
    }
    return null;
  }

  // ---------------------------------------------------------------- report

  /** Reports a minimal failing history, from which no single step can be removed. */
  private static String report(ModelScenario scenario, List<Step> failing) {
    List<Step> history = new ArrayList<>(failing);
    for (int size = history.size() / 2; size > 0; size = size / 2) {
      for (int from = 0; from + size <= history.size(); ) {
        List<Step> shorter = new ArrayList<>(history);
        shorter.subList(from, from + size).clear();
        if (difference(scenario, shorter, new HashMap<>()) == null) {
          from += size;
        } else {
          history = shorter;
        }
      }
    }
    StringBuilder report = new StringBuilder("the history of seed=" + scenario.seed());
    report.append(" fails, reduced from ").append(failing.size()).append(" steps\n");
    report.append(scenario).append('\n');
    for (int i = 0; i < history.size(); i++) {
      report.append(i).append(": ").append(history.get(i)).append('\n');
    }
    return report.append(difference(scenario, history, new HashMap<>())).toString();
  }
}
