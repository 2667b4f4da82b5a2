// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.registry.Change.Cause;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Spec §4.3. */
class ChangeLogTest {
  private static final long RETENTION_MS = 1_000;
  private static final long RETENTION_NS = TimeUnit.MILLISECONDS.toNanos(RETENTION_MS);
  private static final int CHANGES_MAX = 4;
  private static final long BYTES_MAX = 100_000;
  private static final long FIRST = 1_000;

  private final ChangeLog changes = new ChangeLog(RETENTION_MS, CHANGES_MAX, BYTES_MAX, FIRST, 0);

  @Test
  void last_nothingChanged_hasNoNext() {
    assertThat(changes.version()).isEqualTo(FIRST);
    assertThat(changes.last().next()).isNull();
    assertThat(changes.oldest()).isSameAs(changes.last());
  }

  @Test
  void next_fromAnyChange_leadsThroughAllLaterOnes() {
    Change start = changes.last();
    append("a");
    append("b");
    append("c");

    assertThat(idsAfter(start)).containsExactly("a", "b", "c");
    assertThat(idsAfter(changes.last())).isEmpty();
    assertThat(changes.last().version()).isEqualTo(FIRST + 3);
  }

  @Test
  void trim_pastRetention_keepsYoungerChanges() {
    append("old", 0);
    append("new", 1);

    changes.trim(RETENTION_NS);
    assertThat(idsAfter(changes.oldest())).containsExactly("old", "new");
    changes.trim(RETENTION_NS + 1);
    assertThat(idsAfter(changes.oldest())).containsExactly("new");
    changes.trim(RETENTION_NS + 2);
    assertThat(idsAfter(changes.oldest())).isEmpty();
    assertThat(changes.version()).isEqualTo(FIRST + 2);
  }

  /** Regression: few large documents occupied megabytes for the whole retention. */
  @Test
  void append_beyondTheBytes_dropsTheOldest() {
    ChangeLog small = new ChangeLog(RETENTION_MS, 1_000_000, 2_500, FIRST, 0);
    Change start = small.last();
    for (int i = 0; i < 100; i++) {
      append(small, "i-" + i, "v".repeat(500));
    }

    assertThat(small.retainedBytes()).isPositive().isLessThanOrEqualTo(2_500);
    assertThat(small.last().version() - small.oldest().version()).isBetween(1L, 2L);
    assertThat(small.at(FIRST + 1)).isNull();
    assertThat(small.isFarBehind(start)).isTrue();
    assertThat(small.isFarBehind(small.oldest())).isFalse();
  }

  @Test
  void append_changeLargerThanTheLimit_isNotRetained() {
    ChangeLog small = new ChangeLog(RETENTION_MS, 1_000_000, 2_500, FIRST, 0);

    append(small, "i", "v".repeat(5_000));

    assertThat(small.oldest()).isSameAs(small.last());
    assertThat(small.retainedBytes()).isZero();
  }

  @Test
  void isBacklogged_aFollowerTwiceTheBoundBehind_untilItCatchesUp() {
    ChangeLog small = new ChangeLog(RETENTION_MS, 1_000_000, 2_500, FIRST, 0);
    AtomicReference<Change> position = new AtomicReference<>(small.last());
    small.addFollower(position::get);
    append(small, "i", "v".repeat(2_500));
    boolean early = small.isBacklogged();
    append(small, "i", "v".repeat(2_500));

    assertThat(early).isFalse();
    assertThat(small.isBacklogged()).isTrue();
    position.set(small.last());
    assertThat(small.isBacklogged()).isFalse();
  }

  private static void append(ChangeLog log, String id, String text) {
    LeaseHolder holder = new LeaseHolder(
        Instances.up("DEMO", id, 90).toBuilder().metadata(Map.of("k", text)).build(), null, 0);
    log.append(Cause.REGISTRATION, Origin.CLIENT, 0, holder, 0);
  }

  @Test
  void append_beyondTheBound_dropsTheOldest() {
    for (int i = 0; i < CHANGES_MAX + 2; i++) {
      append("i-" + i);
    }

    assertThat(idsAfter(changes.oldest())).containsExactly("i-2", "i-3", "i-4", "i-5");
    assertThat(changes.version()).isEqualTo(FIRST + CHANGES_MAX + 2);
  }

  @Test
  void at_versionWithRetainedSuccessors_isThatChange() {
    for (int i = 0; i < CHANGES_MAX + 2; i++) {
      append("i-" + i);
    }

    assertThat(changes.at(FIRST + 1)).isNull();
    assertThat(idsAfter(Objects.requireNonNull(changes.at(FIRST + 2))))
        .containsExactly("i-2", "i-3", "i-4", "i-5");
    assertThat(changes.at(FIRST + 6)).isSameAs(changes.last());
    assertThat(changes.at(FIRST + 7)).isNull();
  }

  @Test
  void onAppend_eachChange_isCalledOnceItCanBeSeen() {
    List<Long> seen = new ArrayList<>();
    AtomicInteger calls = new AtomicInteger();
    changes.onAppend(calls::incrementAndGet);
    changes.onAppend(() -> seen.add(changes.version()));

    append("a");
    append("b");

    assertThat(seen).containsExactly(FIRST + 1, FIRST + 2);
    assertThat(calls).hasValue(2);
  }

  private void append(String id) {
    append(id, 0);
  }

  private void append(String id, long nowNs) {
    LeaseHolder holder = new LeaseHolder(Instances.up("A", id, 90), null, 0);
    changes.append(Cause.REGISTRATION, Origin.CLIENT, 0, holder, nowNs);
  }

  private static List<String> idsAfter(Change start) {
    List<String> ids = new ArrayList<>();
    for (Change change = start.next(); change != null; change = change.next()) {
      ids.add(change.document().id());
    }
    return ids;
  }
}
