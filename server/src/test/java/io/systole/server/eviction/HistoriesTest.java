// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.systole.protocol.model.InstanceInfo;
import io.systole.server.eviction.Lives.Told;
import io.systole.server.registry.Change;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/**
 * Whatever happens to leases, in whatever order and at whatever time, registry and evictor do as
 * the reference does, step by step. Of a history that fails, the seed is printed, and the steps
 * without which it wouldn't.
 */
class HistoriesTest {
  private static final int HISTORIES = 4_000;
  private static final int STEPS = 250;
  private static final int LOOK_AROUND_EVERY = 100;

  /** Answers to readers are read in every so manieth history. */
  private static final int READ_EVERY = 25;

  /** How often each thing must have come to pass for the rest to mean something. */
  private static final int OCCURRENCES_MIN = 200;

  /** A line of log for each of its runs is more than the console wants. */
  private static final Logger EVICTOR_LOG = (Logger) LoggerFactory.getLogger(Evictor.class);

  private final Map<String, Integer> occurrences = new TreeMap<>();

  @BeforeAll
  static void beQuiet() {
    EVICTOR_LOG.setLevel(Level.OFF);
  }

  @AfterAll
  static void speakAgain() {
    EVICTOR_LOG.setLevel(null);
  }

  @Test
  void histories_ofEveryWorld_areThoseOfTheReference() {
    for (long seed = 0; seed < HISTORIES; seed++) {
      World world = World.of(seed);
      List<Step> history = world.history(STEPS);
      String difference = difference(world, history, occurrences);
      if (difference != null) {
        fail(report(world, history));
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
            "AddMetadata AMENDED",
            "held by STALL",
            "unrenewed evicted",
            "held by REGISTRY",
            "held by APP",
            "held by ZONE",
            "held by CAP",
            "override forgotten",
            "told REGISTRATION",
            "told AMENDMENT",
            "told CANCEL",
            "told EVICTION")
        .allSatisfy((what, count) -> assertThat(count).isGreaterThan(OCCURRENCES_MIN));
  }

  // ---------------------------------------------------------------- one history

  /** The first step after which registry and reference differ, and in what; null when none. */
  private static @Nullable String difference(
      World world, List<Step> history, Map<String, Integer> occurrences) {
    ReferenceRegistry reference = new ReferenceRegistry(world);
    boolean isRead = world.seed() % READ_EVERY == 0;
    try (RealRegistry real = new RealRegistry(world)) {
      if (isRead) {
        real.open();
      }
      List<InstanceInfo> restored = world.restored();
      real.restore(restored);
      reference.restore(restored);
      // Nothing is renewed at the very moment of the restore.
      real.pass(1);
      reference.pass(1);
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
    occurrences.merge("override forgotten", reference.forgotten(), Integer::sum);
    return null;
  }

  private static @Nullable String difference(
      RealRegistry real, ReferenceRegistry reference, Step step, Map<String, Integer> occurrences) {
    Object outcome = step.happenTo(real);
    if (step instanceof Step.Evict) {
      reference.follow(RealRegistry.lotOf(outcome));
      occurrences.merge("unrenewed evicted", real.unrenewedEvicted(), Integer::sum);
      real.holding().forEach(rule -> occurrences.merge("held by " + rule, 1, Integer::sum));
    }
    Object due = step.happenTo(reference);
    List<Told> reported = unstampedRemovals(real.reported());
    List<Told> reportedDue = unstampedRemovals(reference.reported());
    count(step, outcome, reported, occurrences);
    return firstOf(
        unequal("outcome", outcome, due),
        unequal("changes told", reported, reportedDue),
        unequal("instance", real.about(step.key()), reference.about(step.key())),
        unequal("numbers", real.numbers(), reference.numbers()));
  }

  private static @Nullable String differenceAround(
      RealRegistry real, ReferenceRegistry reference, boolean isRead) {
    String difference = unequal("everything", real.everything(), reference.everything());
    return difference != null || !isRead
        ? difference
        : firstOf(
            unequal("full registry", real.full(), reference.full()),
            unequal("delta", real.delta(), reference.delta()));
  }

  private static void count(
      Step step, Object outcome, List<Told> reported, Map<String, Integer> occurrences) {
    if (outcome instanceof Enum<?>) {
      occurrences.merge(step.getClass().getSimpleName() + ' ' + outcome, 1, Integer::sum);
    }
    reported.forEach(each -> occurrences.merge("told " + each.cause(), 1, Integer::sum));
  }

  /** Of an instance that is gone nobody asks when it was last renewed. */
  private static List<Told> unstampedRemovals(List<Told> reported) {
    List<Told> comparable = new ArrayList<>();
    for (Told each : reported) {
      InstanceInfo document = each.document();
      boolean isRemoval =
          each.cause() == Change.Cause.CANCEL || each.cause() == Change.Cause.EVICTION;
      InstanceInfo unstamped = isRemoval
          ? document.toBuilder().leaseInfo(document.leaseInfo().renewedAt(0)).build()
          : document;
      comparable.add(new Told(each.cause(), each.origin(), unstamped, each.override()));
    }
    return comparable;
  }

  private static @Nullable String unequal(String what, Object actual, Object due) {
    return actual.equals(due) ? null : what + " " + actual + ", by the reference " + due;
  }

  private static @Nullable String firstOf(@Nullable String... differences) {
    for (String difference : differences) {
      if (difference != null) {
        return difference;
      }
    }
    return null;
  }

  // ---------------------------------------------------------------- what went wrong

  /** The shortest history found that still goes wrong: no single step can be left out. */
  private static String report(World world, List<Step> failing) {
    List<Step> history = new ArrayList<>(failing);
    for (int size = history.size() / 2; size > 0; size = size / 2) {
      for (int from = 0; from + size <= history.size(); ) {
        List<Step> shorter = new ArrayList<>(history);
        shorter.subList(from, from + size).clear();
        if (difference(world, shorter, new HashMap<>()) == null) {
          from += size;
        } else {
          history = shorter;
        }
      }
    }
    StringBuilder report = new StringBuilder("the history of seed=" + world.seed());
    report.append(" goes wrong, cut from ").append(failing.size()).append(" steps\n");
    report.append(world).append('\n');
    for (int i = 0; i < history.size(); i++) {
      report.append(i).append(": ").append(history.get(i)).append('\n');
    }
    return report.append(difference(world, history, new HashMap<>())).toString();
  }
}
