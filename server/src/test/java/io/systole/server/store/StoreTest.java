// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import static io.systole.protocol.model.InstanceStatus.OUT_OF_SERVICE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.protocol.model.InstanceKey;
import io.systole.server.registry.Change;
import io.systole.server.registry.Instances;
import io.systole.server.registry.LeaseKey.LookupKey;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RegistrySettings;
import io.systole.server.registry.RenewOutcome;
import io.systole.server.store.StoreCounters.Degradation;
import io.systole.server.time.ManualClock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A registry over several runs of its node, ended in order or by failures. */
class StoreTest {
  private static final long DAY_MS = 86_400_000;
  private static final InstanceKey KEY = new InstanceKey("A", "i");

  @TempDir
  private Path directory;

  private final ManualClock clock = new ManualClock();
  private final FaultyDisk disk = new FaultyDisk();

  @Test
  void restart_afterEveryKindOfChange_restoresTheState() {
    for (long seed = 1; seed <= 20; seed++) {
      Path folder = directory.resolve("seed-" + seed);
      RandomRegistryChanges changes = new RandomRegistryChanges(seed);
      Map<String, String> before;
      try (StoreFixture fixture = StoreFixture.open(folder, clock)) {
        for (int i = 0; i < 100; i++) {
          changes.apply(fixture.registry);
        }
        fixture.step();
        before = fixture.state();
      }
      clock.advanceMs(5_000);

      try (StoreFixture again = StoreFixture.open(folder, clock)) {
        assertThat(again.state()).as("seed %s", seed).isEqualTo(before).isNotEmpty();
        assertThat(again.store.counts().corruptRanges()).isZero();
      }
    }
  }

  @Test
  void restart_leases_lastOneDurationFromTheRestart() {
    try (StoreFixture fixture = StoreFixture.open(directory, clock)) {
      fixture.register(Instances.up("A", "i", 90));
      fixture.step();
    }
    clock.advanceMs(1_000_000);

    try (StoreFixture again = StoreFixture.open(directory, clock)) {
      clock.advanceMs(90_000);
      assertThat(again.registry.expiry().evictExpired(0)).isZero();
      assertThat(renew(again)).isEqualTo(RenewOutcome.RENEWED);
      clock.advanceMs(180_001);
      assertThat(again.registry.expiry().evictExpired(0)).isOne();
    }
  }

  @Test
  void restart_leases_areCountedAndExpectedAfterTheirFirstRenewal() {
    try (StoreFixture fixture = StoreFixture.open(directory, clock)) {
      fixture.register(Instances.up("A", "i", 90));
      fixture.register(Instances.up("A", "other", 90));
      fixture.step();
    }

    try (StoreFixture again = StoreFixture.open(directory, clock)) {
      assertThat(again.registry.leaseCounts().ofApp("A")).isEqualTo(2);
      assertThat(again.registry.expectedClients().count()).isEqualTo(1);
      assertThat(again.registry.expectedLeaseCount()).isZero();

      clock.advanceMs(1);
      renew(again);
      again.registry.sweepRestored();
      assertThat(again.registry.expectedClients().count()).isEqualTo(2);
      assertThat(again.registry.expectedLeaseCount()).isEqualTo(1);
    }
  }

  /** Leases of any age were restored, even of a fleet that had been down for a year. */
  @Test
  void restart_afterLongerThanTheMaximumAge_restoresNothing() throws Exception {
    StoreSettings dayOld = StoreFixture.in(
        directory,
        new StoreSettings(
            null, 0, 1_000, 1 << 26, 1 << 30, 1L << 40, 3_600_000, 1 << 26, 100_000, DAY_MS));
    try (StoreFixture fixture = StoreFixture.open(dayOld, clock, Storage.REAL)) {
      fixture.register(Instances.up("A", "i", 90));
      fixture.step();
    }
    clock.advanceMs(DAY_MS + 1);

    try (StoreFixture again = StoreFixture.open(dayOld, clock, Storage.REAL)) {
      assertThat(again.restored).isZero();
      assertThat(again.registry.leaseCount()).isZero();
      again.step();
    }
    try (StoreFixture later = StoreFixture.open(dayOld, clock, Storage.REAL)) {
      assertThat(later.restored).isZero();
    }
  }

  /**
   * A steady fleet makes no changes: the age counts from the last time the node recorded that it
   * was running.
   */
  @Test
  void restart_afterDaysWithoutAChange_restoresTheLeases() throws Exception {
    StoreSettings dayOld = StoreFixture.in(
        directory,
        new StoreSettings(
            null, 0, 1_000, 1 << 26, 1 << 30, 1L << 40, 3_600_000, 1 << 26, 100_000, DAY_MS));
    try (StoreFixture fixture = StoreFixture.open(dayOld, clock, Storage.REAL)) {
      fixture.register(Instances.up("A", "i", 90));
      fixture.step();
      clock.advanceMs(3 * DAY_MS);
      fixture.step();
    }
    clock.advanceMs(DAY_MS);

    try (StoreFixture again = StoreFixture.open(dayOld, clock, Storage.REAL)) {
      assertThat(again.restored).isEqualTo(1);
    }
  }

  @Test
  void restart_afterTheClockWasSetBack_restores() throws Exception {
    StoreSettings dayOld = StoreFixture.in(
        directory,
        new StoreSettings(
            null, 0, 1_000, 1 << 26, 1 << 30, 1L << 40, 3_600_000, 1 << 26, 100_000, DAY_MS));
    try (StoreFixture fixture = StoreFixture.open(dayOld, clock, Storage.REAL)) {
      fixture.register(Instances.up("A", "i", 90));
      fixture.step();
    }
    clock.stepWallTo(clock.wallMs() - 10 * DAY_MS);

    try (StoreFixture again = StoreFixture.open(dayOld, clock, Storage.REAL)) {
      assertThat(again.restored).isEqualTo(1);
    }
  }

  @Test
  void restart_overridden_keepsTheOverride() {
    try (StoreFixture fixture = StoreFixture.open(directory, clock)) {
      fixture.register(Instances.up("A", "i", 90));
      fixture.override(KEY, OUT_OF_SERVICE);
      fixture.step();
    }

    try (StoreFixture again = StoreFixture.open(directory, clock)) {
      again.register(Instances.up("A", "i", 90));
      assertThat(again.registry.find(KEY)).extracting("status").isEqualTo(OUT_OF_SERVICE);
      assertThat(again.registry.statusOverrides().byId()).containsEntry("i", OUT_OF_SERVICE);
    }
  }

  @Test
  void restart_clockWentBack_versionsKeepGrowing() {
    long version;
    try (StoreFixture fixture = StoreFixture.open(directory, clock)) {
      fixture.register(Instances.up("A", "i", 90));
      fixture.step();
      version = fixture.registry.version();
    }
    clock.stepWallTo(1_000);

    try (StoreFixture again = StoreFixture.open(directory, clock)) {
      assertThat(again.registry.version()).isGreaterThan(version + 1);
    }
  }

  @Test
  void restart_restoredLeases_areSeenByFollowersButNotInDeltas() throws Exception {
    try (StoreFixture fixture = StoreFixture.open(directory, clock)) {
      fixture.register(Instances.up("A", "i", 90));
      fixture.step();
    }

    Store store = Store.open(StoreFixture.in(directory, StoreFixture.USUAL), clock, "run", disk);
    Registry registry =
        new Registry(new RegistrySettings(9, true, 180_000, 10), clock, store.versionAfter());
    Change follower = registry.changes().last();
    store.restore(registry);
    store.close(0);

    assertThat(registry.changes().oldest().next()).isNull();
    assertThat(follower.next()).extracting(Change::cause).isEqualTo(Change.Cause.RESTORATION);
  }

  @Test
  void startWriting_leasesLoadedSinceTheRestore_writesThemAsSnapshot() throws Exception {
    try (StoreFixture fixture = StoreFixture.open(directory, clock)) {
      fixture.register(Instances.up("A", "restored", 90));
      fixture.step();
    }
    Store store = Store.open(StoreFixture.in(directory, StoreFixture.USUAL), clock, "run");
    Registry registry =
        new Registry(new RegistrySettings(9, true, 180_000, 10), clock, store.versionAfter());
    store.restore(registry);
    registry.register(Instances.up("A", "loaded", 90), Origin.MEMBER);

    StoreWriter writer = Objects.requireNonNull(store.startWriter(registry));
    registry.register(Instances.up("A", "served", 90), Origin.CLIENT);
    writer.step();
    writer.release();
    store.close(0);

    assertThat(store.counts().snapshots()).isEqualTo(1);
    assertThat(StoreFixture.stateIn(directory)).hasSize(3);
  }

  @Test
  void restart_cancelledAndEvicted_staysRemovedWithItsCause() {
    try (StoreFixture fixture = StoreFixture.open(directory, clock)) {
      fixture.register(Instances.up("A", "i", 90));
      fixture.register(Instances.up("A", "other", 30));
      fixture.registry.cancel(KEY, Origin.PEER);
      clock.advanceMs(30_001);
      fixture.registry.expiry().evictExpired(0);
      fixture.step();
      assertThat(fixture.store.lastKnown(KEY)).extracting("cause").isEqualTo(Change.Cause.CANCEL);
    }

    try (StoreFixture again = StoreFixture.open(directory, clock)) {
      assertThat(again.restored).isZero();
      Removal evicted = again.store.lastKnown(new InstanceKey("A", "other"));
      assertThat(evicted).extracting("cause").isEqualTo(Change.Cause.EVICTION);
      assertThat(evicted).extracting("atMs").isEqualTo(ManualClock.START_WALL_MS + 30_001);
      assertThat(again.store.lastKnown(KEY)).extracting("origin").isEqualTo(Origin.PEER);
      assertThat(again.store.lastKnown(new InstanceKey("A", "never"))).isNull();
    }
  }

  @Test
  void powerLost_changesOlderThanTheSyncIntervalAreKept() throws Exception {
    try (StoreFixture fixture = open(StoreFixture.USUAL)) {
      fixture.step();
      fixture.register(Instances.up("A", "early", 90));
      fixture.step();
      int syncs = disk.syncs;
      clock.advanceMs(999);
      fixture.step();
      assertThat(disk.syncs).isEqualTo(syncs);
      clock.advanceMs(1);
      fixture.step();
      fixture.register(Instances.up("A", "late", 90));
      fixture.step();
    }
    disk.loseUnsynced();

    assertThat(StoreFixture.stateIn(directory).keySet().toString())
        .contains("early")
        .doesNotContain("late");
  }

  @Test
  void powerLost_syncingAtOnce_losesNothingWritten() throws Exception {
    StoreSettings atOnce =
        new StoreSettings(null, 0, 0, 1 << 26, 1 << 30, 1L << 40, 3_600_000, 1 << 26, 100_000, 0);
    try (StoreFixture fixture = open(atOnce)) {
      fixture.register(Instances.up("A", "i", 90));
      fixture.step();
    }
    disk.loseUnsynced();

    assertThat(StoreFixture.stateIn(directory)).hasSize(1);
  }

  @Test
  void diskFull_isRetriedAndNothingIsMissingInTheEnd() throws Exception {
    try (StoreFixture fixture = open(StoreFixture.USUAL)) {
      fixture.step();
      disk.bytesFree = 10;
      fixture.register(Instances.up("A", "unwritten", 90));
      fixture.step();
      assertThat(fixture.store.counts().isDegraded()).isTrue();
      fixture.register(Instances.up("A", "meanwhile", 90));
      clock.advanceNs(StoreWriter.RETRY_NS);
      fixture.step();
      assertThat(fixture.store.counts().failures()).isEqualTo(2);
      assertThat(fixture.store.health().lagChanges()).isEqualTo(2);

      disk.bytesFree = Long.MAX_VALUE;
      clock.advanceNs(StoreWriter.RETRY_NS);
      fixture.step();
      fixture.register(Instances.up("A", "afterwards", 90));
      fixture.step();

      assertThat(fixture.store.counts().isDegraded()).isFalse();
      assertThat(fixture.store.health().lagChanges()).isZero();
      assertThat(StoreFixture.stateIn(directory)).isEqualTo(fixture.state()).hasSize(3);
    }
  }

  @Test
  void diskFull_duringASnapshot_keepsThePreviousOne() throws Exception {
    try (StoreFixture fixture = open(StoreFixture.USUAL)) {
      fixture.register(Instances.up("A", "i", 90));
      fixture.step();
      fixture.register(Instances.up("A", "other", 90));
      fixture.step();
      clock.advanceMs(3_600_000);
      disk.bytesFree = FileHeader.BYTES;
      fixture.step();

      assertThat(fixture.store.counts().isDegraded()).isTrue();
    }

    assertThat(StoreFixture.stateIn(directory)).hasSize(2);
  }

  /** The unfinished file kept the disk full, which made the journal and the next start fail. */
  @Test
  void diskFull_duringASnapshot_leavesNoUnfinishedFile() throws Exception {
    try (StoreFixture fixture = open(StoreFixture.USUAL)) {
      fixture.register(Instances.up("A", "i", 90));
      fixture.step();
      fixture.register(Instances.up("A", "other", 90));
      fixture.step();
      clock.advanceMs(3_600_000);
      disk.bytesFree = FileHeader.BYTES + 10;
      fixture.step();

      assertThat(fixture.store.counts().isDegraded()).isTrue();
      assertThat(directory.resolve(DataDirectory.UNFINISHED)).doesNotExist();
    }
  }

  @Test
  void start_unfinishedSnapshotLeft_isDeletedBeforeAnythingIsWritten() throws Exception {
    Path unfinished = directory.resolve(DataDirectory.UNFINISHED);
    Files.writeString(unfinished, "left");
    disk.bytesFree = 0;

    try (StoreFixture fixture = open(StoreFixture.USUAL)) {
      assertThat(fixture.store.counts().isDegraded()).isTrue();
      assertThat(unfinished).doesNotExist();
    }
  }

  /** A node restarted on a full disk exited, though it had read all leases. */
  @Test
  void start_diskFull_servesTheLeasesAndWritesOnceItCan() throws Exception {
    try (StoreFixture fixture = StoreFixture.open(directory, clock)) {
      fixture.register(Instances.up("A", "i", 90));
      fixture.step();
    }
    disk.bytesFree = 0;

    try (StoreFixture again = open(StoreFixture.USUAL)) {
      assertThat(again.restored).isOne();
      assertThat(again.store.health().degradation())
          .extracting(Degradation::reason)
          .asString()
          .contains("No space left on device");
      again.register(Instances.up("A", "other", 90));
      clock.advanceNs(StoreWriter.RETRY_NS);
      again.step();
      assertThatThrownBy(() -> StoreFixture.open(directory, clock))
          .hasMessageContaining("another node uses it");

      disk.bytesFree = Long.MAX_VALUE;
      clock.advanceNs(StoreWriter.RETRY_NS);
      again.step();

      assertThat(again.store.counts().isDegraded()).isFalse();
      assertThat(StoreFixture.stateIn(directory)).isEqualTo(again.state()).hasSize(2);
    }
  }

  /** An error ended the store's thread silently. */
  @Test
  void write_error_isAFailureAndRetried() throws Exception {
    try (StoreFixture fixture = open(StoreFixture.USUAL)) {
      fixture.step();
      disk.error = new OutOfMemoryError("Java heap space");
      fixture.register(Instances.up("A", "i", 90));
      fixture.step();
      assertThat(fixture.store.health().degradation())
          .extracting(Degradation::reason)
          .asString()
          .contains("OutOfMemoryError");

      disk.error = null;
      clock.advanceNs(StoreWriter.RETRY_NS);
      fixture.step();

      assertThat(fixture.store.counts().isDegraded()).isFalse();
      assertThat(StoreFixture.stateIn(directory)).isEqualTo(fixture.state()).hasSize(1);
    }
  }

  /** The next snapshot contained only the leases that fit, and the others were lost. */
  @Test
  void restart_lowerLimits_isDegradedAndKeepsTheOthersForALaterStart() {
    StoreSettings settings = StoreFixture.in(directory, StoreFixture.USUAL);
    try (StoreFixture fixture = StoreFixture.open(settings, clock, disk)) {
      for (int i = 0; i < 100; i++) {
        fixture.register(Instances.up("A", "i-" + i, 90));
      }
      fixture.end();
    }

    try (StoreFixture few = StoreFixture.open(settings, clock, disk, 40)) {
      assertThat(few.restored).isEqualTo(40);
      assertThat(few.store.health().degradation())
          .extracting(Degradation::reason)
          .asString()
          .contains("40 of 100 leases", "--max-instances");
      clock.advanceMs(3_600_000);
      few.registry.expiry().evictExpired(0);
      few.step();
      few.end();
    }

    try (StoreFixture again = StoreFixture.open(settings, clock, disk)) {
      assertThat(again.restored).isEqualTo(60);
      assertThat(again.store.counts().isDegraded()).isFalse();
    }
  }

  /** Otherwise the journal would grow for as long as the node runs. */
  @Test
  void restart_lowerLimits_takesSnapshotsAgainOnceTheOthersAreTooOld() {
    StoreSettings dayOld = StoreFixture.in(
        directory,
        new StoreSettings(
            null, 0, 1_000, 1 << 26, 1 << 30, 1L << 40, 3_600_000, 1 << 26, 100_000, DAY_MS));
    try (StoreFixture fixture = StoreFixture.open(dayOld, clock, disk)) {
      fixture.register(Instances.up("A", "i", 90));
      fixture.register(Instances.up("A", "other", 90));
      fixture.end();
    }

    try (StoreFixture few = StoreFixture.open(dayOld, clock, disk, 1)) {
      few.registry.cancel(KEY, Origin.CLIENT);
      few.step();
      assertThat(few.store.counts().isDegraded()).isTrue();
      clock.advanceMs(DAY_MS + 1);
      few.step();

      assertThat(few.store.counts().snapshots()).isOne();
      assertThat(few.store.counts().isDegraded()).isFalse();
    }
  }

  @Test
  void diskFull_duringASnapshot_leavesTheJournalAsItIs() throws Exception {
    try (StoreFixture fixture = open(StoreFixture.USUAL)) {
      fixture.register(Instances.up("A", "i", 90));
      fixture.step();
      disk.isReadOnly = true;
      fixture.register(Instances.up("A", "other", 90));
      clock.advanceMs(3_600_000);
      fixture.step();
      fixture.register(Instances.up("A", "later", 90));
      fixture.step();

      assertThat(fixture.store.counts().isDegraded()).isTrue();
      assertThat(fixture.store.health().lagChanges()).isZero();
      assertThat(StoreFixture.stateIn(directory)).isEqualTo(fixture.state()).hasSize(3);
    }
  }

  /** A node that can't write starts only if it is configured without a directory. */
  @Test
  void start_noFileCanBeCreated_failsAndReleasesTheDirectory() {
    try (StoreFixture fixture = StoreFixture.open(directory, clock)) {
      fixture.register(Instances.up("A", "i", 90));
      fixture.step();
    }
    disk.isReadOnly = true;

    assertThatThrownBy(() -> open(StoreFixture.USUAL))
        .rootCause()
        .hasMessageContaining("Read-only file system");

    try (StoreFixture again = StoreFixture.open(directory, clock)) {
      assertThat(again.restored).isOne();
    }
  }

  @Test
  void start_directoryIsAFile_fails() throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "text");

    assertThatThrownBy(() -> StoreFixture.open(file, clock))
        .hasMessageContaining(file + ": it is not a directory")
        .hasMessageContaining("--data-dir");

    assertThat(Files.readString(file)).isEqualTo("text");
  }

  @Test
  void file_unreadable_isSkippedAndReported() throws Exception {
    try (StoreFixture fixture = StoreFixture.open(directory, clock)) {
      fixture.register(Instances.up("A", "i", 90));
      fixture.step();
    }
    Files.createDirectory(directory.resolve("journal-0000000000000001-0000.log"));
    Files.createDirectory(directory.resolve("snapshot-9000000000000000.snap"));

    try (StoreFixture again = StoreFixture.open(directory, clock)) {
      assertThat(again.restored).isOne();
      assertThat(again.store.counts().corruptRanges()).isPositive();
      assertThat(again.store.counts().isDegraded()).isFalse();
    }
  }

  @Test
  void directory_deleted_isCreatedAgainWithAllLeases() throws Exception {
    Path folder = directory.resolve("folder");
    try (StoreFixture fixture = StoreFixture.open(folder, clock)) {
      fixture.register(Instances.up("A", "i", 90));
      fixture.step();
      deleteAll(folder);
      fixture.register(Instances.up("A", "other", 90));
      clock.advanceMs(1_000);
      fixture.step();
      clock.advanceMs(1_000);
      fixture.step();
      assertThat(fixture.store.counts().isDegraded()).isTrue();

      clock.advanceNs(StoreWriter.RETRY_NS);
      fixture.step();

      assertThat(fixture.store.counts().isDegraded()).isFalse();
      assertThat(StoreFixture.stateIn(folder)).hasSize(2);
    }
  }

  /** The second node would have overwritten the first one's registry with its own. */
  @Test
  void start_directoryInUse_failsWithoutTouchingIt() throws Exception {
    try (StoreFixture first = StoreFixture.open(directory, clock)) {
      first.register(Instances.up("A", "i", 90));
      first.step();
      List<Path> before = filesIn(directory);

      assertThatThrownBy(() -> StoreFixture.open(directory, clock))
          .hasMessageContaining(directory + ": another node uses it, waited 0 ms");

      assertThat(filesIn(directory)).hasSameElementsAs(before);
      first.register(Instances.up("A", "other", 90));
      first.step();
      assertThat(StoreFixture.stateIn(directory)).isEqualTo(first.state()).hasSize(2);
    }
  }

  /** Reading before the lock is acquired would miss the other node's last writes. */
  @Test
  void start_directoryReleasedInTime_readsTheOtherNodesLastWrites() throws Exception {
    StoreSettings patient = new StoreSettings(
        directory, 20_000, 1_000, 1 << 26, 1 << 30, 1L << 40, 3_600_000, 1 << 26, 100_000, 0);
    try (StoreFixture first = StoreFixture.open(directory, clock)) {
      first.step();
      CompletableFuture<StoreFixture> second =
          CompletableFuture.supplyAsync(() -> StoreFixture.open(patient, clock, disk));
      first.register(Instances.up("A", "last", 90));
      first.end();

      try (StoreFixture overlapping = second.get(20, TimeUnit.SECONDS)) {
        assertThat(overlapping.restored).isOne();
        assertThat(overlapping.state()).isEqualTo(first.state());
      }
    }
  }

  /** It would have overwritten the registry of the node that had owned the directory since. */
  @Test
  void diskFails_anotherNodeOwnedTheDirectorySince_stopsWriting() throws Exception {
    try (StoreFixture fixture = open(StoreFixture.USUAL)) {
      fixture.register(Instances.up("A", "i", 90));
      fixture.step();
      disk.bytesFree = 0;
      fixture.register(Instances.up("A", "unwritten", 90));
      fixture.step();
      try (StoreFixture successor = StoreFixture.open(directory, clock)) {
        successor.register(Instances.up("B", "of-the-successor", 90));
        successor.end();
      }
      Map<String, String> left = StoreFixture.stateIn(directory);
      List<Path> files = filesIn(directory);

      disk.bytesFree = Long.MAX_VALUE;
      clock.advanceNs(StoreWriter.RETRY_NS);
      fixture.step();

      assertThat(StoreFixture.stateIn(directory)).isEqualTo(left).hasSize(2);
      assertThat(filesIn(directory)).hasSameElementsAs(files);
      assertThat(fixture.store.health().degradation())
          .extracting(Degradation::reason)
          .asString()
          .contains("another node has used the data directory");
    }
  }

  @Test
  void start_directoryOfALaterRelease_failsWithoutTouchingIt() throws Exception {
    FileHeader usual = FileHeader.create(FileHeader.Kind.JOURNAL, 0, 5);
    FileHeader later = new FileHeader(usual.kind(), FileHeader.FORMAT + 1, 0, 5, usual.salt());
    Path file = directory.resolve("journal-0000000000000005-0000.log");
    Files.write(file, later.encode());
    List<Path> before = filesIn(directory);

    assertThatThrownBy(() -> StoreFixture.open(directory, clock))
        .rootCause()
        .isInstanceOf(UnsupportedFormatException.class);

    assertThat(Files.readAllBytes(file)).isEqualTo(later.encode());
    assertThat(filesIn(directory)).hasSize(before.size() + 1).contains(directory.resolve("lock"));
  }

  /** A process out of file descriptors closed its journal when it reached its size limit. */
  @Test
  void journal_fullAndNoFileCanBeCreated_growsUntilOneCan() throws Exception {
    StoreSettings small =
        new StoreSettings(null, 0, 1_000, 2_000, 1 << 30, 1L << 40, 3_600_000, 1 << 26, 100_000, 0);
    try (StoreFixture fixture = open(small)) {
      fixture.step();
      disk.isReadOnly = true;
      for (int i = 0; i < 50; i++) {
        fixture.register(Instances.up("A", "i-" + i, 90));
        fixture.step();
      }
      DataDirectory stored = new DataDirectory(directory);
      assertThat(stored.journals()).hasSize(1);
      assertThat(fixture.store.health().degradation()).isNull();
      assertThat(StoreFixture.stateIn(directory)).isEqualTo(fixture.state()).hasSize(50);

      disk.isReadOnly = false;
      clock.advanceNs(JournalWriter.ROTATION_RETRY_NS);
      fixture.register(Instances.up("A", "afterwards", 90));
      fixture.step();

      assertThat(stored.journals()).hasSize(2);
      assertThat(StoreFixture.stateIn(directory)).isEqualTo(fixture.state()).hasSize(51);
    }
  }

  @Test
  void journals_full_rotateAndAreReadTogether() throws Exception {
    StoreSettings small =
        new StoreSettings(null, 0, 1_000, 2_000, 1 << 30, 1L << 40, 3_600_000, 1 << 26, 100_000, 0);
    try (StoreFixture fixture = open(small)) {
      for (int i = 0; i < 100; i++) {
        fixture.register(Instances.up("A", "i-" + i, 90));
        fixture.step();
      }
      assertThat(new DataDirectory(directory).journals()).hasSizeGreaterThan(3);
      assertThat(StoreFixture.stateIn(directory)).isEqualTo(fixture.state());
    }
  }

  @Test
  void snapshots_byBytesOfTheJournal_deleteOldFiles() throws Exception {
    StoreSettings small =
        new StoreSettings(null, 0, 1_000, 2_000, 1, 1L << 40, 3_600_000, 3_000, 100_000, 0);
    try (StoreFixture fixture = open(small)) {
      for (int i = 0; i < 500; i++) {
        fixture.register(Instances.up("A", "i-" + i % 7, 90));
        fixture.step();
      }
      DataDirectory stored = new DataDirectory(directory);
      assertThat(stored.snapshots()).hasSize(Retention.SNAPSHOTS_MIN);
      assertThat(stored.journals()).hasSizeBetween(2, 8);
      assertThat(StoreFixture.stateIn(directory)).isEqualTo(fixture.state());
    }
  }

  @Test
  void writer_farBehind_takesASnapshotInstead() throws Exception {
    StoreSettings impatient =
        new StoreSettings(null, 0, 1_000, 1 << 26, 1 << 30, 1L << 40, 3_600_000, 1 << 26, 10, 0);
    try (StoreFixture fixture = open(impatient)) {
      fixture.step();
      for (int i = 0; i < 50; i++) {
        fixture.register(Instances.up("A", "i-" + i, 90));
      }
      fixture.step();

      assertThat(fixture.store.counts().recordsSkipped()).isEqualTo(44);
      assertThat(StoreFixture.stateIn(directory)).isEqualTo(fixture.state()).hasSize(50);
      List<JournalEntry> entries = new ArrayList<>();
      new JournalQuery(directory, corruptRange -> {}).read(entries::add);
      assertThat(entries).hasAtLeastOneElementOfType(JournalEntry.Gap.class);
      assertThat(new JournalQuery(directory, corruptRange -> {}).verify().isSound())
          .isTrue();
    }
  }

  @Test
  void stop_takesASnapshotForTheNextStart() throws Exception {
    try (StoreFixture fixture = StoreFixture.open(directory, clock)) {
      fixture.register(Instances.up("A", "i", 90));
      fixture.end();
    }

    List<JournalEntry> replayed = new ArrayList<>();
    new Recovery(new DataDirectory(directory), corruptRange -> {}).latest(replayed::add);

    assertThat(replayed).noneMatch(JournalEntry.Changed.class::isInstance);
    assertThat(StoreFixture.stateIn(directory)).hasSize(1);
  }

  @Test
  void noDirectory_writesNothing() {
    try (StoreFixture fixture = StoreFixture.open(StoreFixture.USUAL, clock, disk)) {
      assertThat(fixture.isWriting()).isFalse();
      assertThat(fixture.store.counts().isDegraded()).isFalse();
    }
  }

  private StoreFixture open(StoreSettings settings) {
    return StoreFixture.open(StoreFixture.in(directory, settings), clock, disk);
  }

  private RenewOutcome renew(StoreFixture fixture) {
    return fixture.registry.renew(
        LookupKey.of(KEY), clock.monotonicNs(), Registry.NO_TIMESTAMP, Origin.CLIENT);
  }

  private static List<Path> filesIn(Path folder) throws Exception {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  private static void deleteAll(Path folder) throws Exception {
    for (Path file : filesIn(folder)) {
      Files.delete(file);
    }
    Files.delete(folder);
  }
}
