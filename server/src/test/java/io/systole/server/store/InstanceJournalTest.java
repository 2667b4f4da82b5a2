// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceKey;
import io.systole.server.registry.Change.Cause;
import io.systole.server.registry.Instances;
import io.systole.server.registry.Origin;
import io.systole.server.store.InstanceJournal.StatusChange;
import io.systole.server.time.ManualClock;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The history of an instance in many journals. */
class InstanceJournalTest {
  private static final StoreSettings SMALL_FILES =
      new StoreSettings(null, 0, 1_000, 4_000, 1 << 30, 1L << 40, 3_600_000, 1 << 26, 100_000, 0);
  private static final InstanceKey KEY = new InstanceKey("A", "i");
  private static final int ROUNDS = 60;

  @TempDir
  private Path directory;

  private DataDirectory stored = new DataDirectory(Path.of(""));

  @BeforeEach
  void recordChanges() throws Exception {
    stored = new DataDirectory(directory);
    try (StoreFixture fixture = StoreFixture.open(
        StoreFixture.in(directory, SMALL_FILES), new ManualClock(), Storage.REAL)) {
      for (int i = 0; i < ROUNDS; i++) {
        fixture.register(Instances.up("A", "i", 90));
        fixture.register(Instances.up("A", "other-i-" + i, 90));
        fixture.step();
        fixture.registry.cancel(KEY, Origin.PEER);
        fixture.step();
      }
    }
    assertThat(stored.journals()).hasSizeGreaterThan(3);
  }

  @Test
  void read_everything_isNewestFirst() throws Exception {
    InstanceJournal all = InstanceJournal.read(stored, KEY, Long.MAX_VALUE, 10_000);

    assertThat(all.isCut()).isFalse();
    assertThat(all.newestFirst()).hasSize(2 * ROUNDS);
    assertThat(all.newestFirst())
        .extracting(StatusChange::version)
        .isSortedAccordingTo((a, b) -> Long.compare(b, a));
    assertThat(all.newestFirst().get(0).cause()).isEqualTo(Cause.CANCEL);
    assertThat(all.newestFirst().get(1).cause()).isEqualTo(Cause.REGISTRATION);
  }

  @Test
  void read_limited_isTheNewest() throws Exception {
    List<StatusChange> all =
        InstanceJournal.read(stored, KEY, Long.MAX_VALUE, 10_000).newestFirst();

    InstanceJournal some = InstanceJournal.read(stored, KEY, Long.MAX_VALUE, 7);

    assertThat(some.isCut()).isFalse();
    assertThat(some.newestFirst())
        .extracting(StatusChange::version)
        .containsExactlyElementsOf(
            all.subList(0, 7).stream().map(StatusChange::version).toList());
  }

  @Test
  void read_beforeAVersion_excludesItAndLaterOnes() throws Exception {
    List<StatusChange> all =
        InstanceJournal.read(stored, KEY, Long.MAX_VALUE, 10_000).newestFirst();

    assertThat(InstanceJournal.read(stored, KEY, all.get(10).version(), 1).newestFirst())
        .extracting(StatusChange::version)
        .containsExactly(all.get(11).version());
  }

  @Test
  void read_moreBytesThanTheLimit_isCutAfterTheNewestJournal() throws Exception {
    InstanceJournal some = InstanceJournal.read(stored, KEY, Long.MAX_VALUE, 10_000, 1);

    assertThat(some.isCut()).isTrue();
    assertThat(some.newestFirst()).hasSizeBetween(1, 2 * ROUNDS - 1);
  }
}
