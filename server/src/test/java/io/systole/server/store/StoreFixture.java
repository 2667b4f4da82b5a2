// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.registry.Origin;
import io.systole.server.registry.PersistedLease;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RegistrySettings;
import io.systole.server.time.ManualClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A run of a registry and its store, whose writer is stepped by the test. */
final class StoreFixture implements AutoCloseable {
  static final StoreSettings USUAL =
      new StoreSettings(null, 0, 1_000, 1 << 26, 1 << 30, 1L << 40, 3_600_000, 1 << 26, 100_000, 0);

  final Store store;
  final Registry registry;
  final int restored;
  private final @Nullable StoreWriter writer;

  private StoreFixture(StoreSettings settings, ManualClock clock, Storage disk, int instancesMax)
      throws IOException {
    store = Store.open(settings, clock, UUID.randomUUID().toString(), disk);
    registry = new Registry(
        new RegistrySettings(instancesMax, true, 180_000, 10_000), clock, store.versionAfter());
    restored = store.restore(registry);
    writer = store.startWriter(registry);
  }

  static StoreFixture open(Path directory, ManualClock clock) {
    return open(in(directory, USUAL), clock, Storage.REAL);
  }

  static StoreFixture open(StoreSettings settings, ManualClock clock, Storage disk) {
    return open(settings, clock, disk, 100_000);
  }

  static StoreFixture open(
      StoreSettings settings, ManualClock clock, Storage disk, int instancesMax) {
    try {
      return new StoreFixture(settings, clock, disk, instancesMax);
    } catch (IOException refused) {
      throw new UncheckedIOException(refused);
    }
  }

  static StoreSettings in(Path directory, StoreSettings settings) {
    return new StoreSettings(
        directory,
        settings.directoryWaitMs(),
        settings.syncMs(),
        settings.journalFileBytesMax(),
        settings.keepBytesMax(),
        settings.keepMs(),
        settings.snapshotIntervalMs(),
        settings.snapshotBytes(),
        settings.lagChangesMax(),
        settings.restoreMaxAgeMs());
  }

  void step() {
    writer().step();
  }

  boolean isWriting() {
    return writer != null;
  }

  private StoreWriter writer() {
    if (writer == null) {
      throw new IllegalStateException("the store has no writer");
    }
    return writer;
  }

  void register(InstanceInfo instance) {
    registry.register(instance, Origin.CLIENT);
  }

  void override(InstanceKey key, InstanceStatus status) {
    registry.statusOverrides().set(key, status, Registry.NO_TIMESTAMP, Origin.CLIENT);
  }

  /**
   * Returns the state of the registry, comparable between runs: the last renewals are not
   * persisted.
   */
  Map<String, String> state() {
    Map<String, String> state = new TreeMap<>();
    registry.forEachLease(lease -> put(lease, state));
    return state;
  }

  /** Returns the state that startup would recover from a directory. */
  static Map<String, String> stateIn(Path directory, List<CorruptRange> corruptRanges)
      throws Exception {
    Recovery.State found =
        new Recovery(new DataDirectory(directory), corruptRanges::add).latest(entry -> {});
    Map<String, String> state = new TreeMap<>();
    found.leases().forEach(lease -> put(lease, state));
    return state;
  }

  static Map<String, String> stateIn(Path directory) throws Exception {
    return stateIn(directory, new ArrayList<>());
  }

  private static void put(PersistedLease lease, Map<String, String> state) {
    InstanceInfo instance = lease.instance();
    InstanceInfo unrenewed =
        instance.toBuilder().leaseInfo(instance.leaseInfo().renewedAt(0)).build();
    state.put(instance.key().toString(), unrenewed + " override: " + lease.override());
  }

  /** Ends the run like an orderly shutdown. */
  void end() {
    if (writer != null) {
      writer.finish();
    }
    store.close(0);
  }

  /** Ends the run like {@code kill -9}: nothing more is written. */
  void abandon() {
    if (writer != null) {
      writer.release();
    }
    store.close(0);
  }

  @Override
  public void close() {
    abandon();
  }
}
