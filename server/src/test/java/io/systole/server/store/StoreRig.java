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
import org.jspecify.annotations.Nullable;

/** One run of a registry and its store, whose writer takes its steps when it is told to. */
final class StoreRig implements AutoCloseable {
  static final StoreSettings USUAL =
      new StoreSettings(null, 0, 1_000, 1 << 26, 1 << 30, 1L << 40, 3_600_000, 1 << 26, 100_000, 0);

  final Store store;
  final Registry registry;
  final int restored;
  private final @Nullable StoreWriter writer;

  private StoreRig(StoreSettings settings, ManualClock clock, Storage disk, int instancesMax)
      throws IOException {
    store = Store.open(settings, clock, disk);
    registry = new Registry(
        new RegistrySettings(instancesMax, true, 180_000, 10_000), clock, store.versionAfter());
    restored = store.restore(registry);
    writer = store.writerFor(registry);
  }

  static StoreRig open(Path directory, ManualClock clock) {
    return open(in(directory, USUAL), clock, Storage.REAL);
  }

  static StoreRig open(StoreSettings settings, ManualClock clock, Storage disk) {
    return open(settings, clock, disk, 100_000);
  }

  static StoreRig open(StoreSettings settings, ManualClock clock, Storage disk, int instancesMax) {
    try {
      return new StoreRig(settings, clock, disk, instancesMax);
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
      throw new IllegalStateException("nothing is to be written");
    }
    return writer;
  }

  void register(InstanceInfo instance) {
    registry.register(instance, Origin.CLIENT);
  }

  void override(InstanceKey key, InstanceStatus status) {
    registry.override(key, status, Registry.NO_TIMESTAMP, Origin.CLIENT);
  }

  /** What the registry holds, comparable over runs: a lease's last renewal is not kept. */
  Map<String, String> state() {
    Map<String, String> state = new TreeMap<>();
    registry.forEachLease(holding -> put(holding, state));
    return state;
  }

  /** What a start would find in a directory. */
  static Map<String, String> stateIn(Path directory, List<CorruptRange> corruptRanges)
      throws Exception {
    Recovery.State found =
        new Recovery(new DataDirectory(directory), corruptRanges::add).latest(entry -> {});
    Map<String, String> state = new TreeMap<>();
    found.holdings().forEach(holding -> put(holding, state));
    return state;
  }

  static Map<String, String> stateIn(Path directory) throws Exception {
    return stateIn(directory, new ArrayList<>());
  }

  private static void put(PersistedLease holding, Map<String, String> state) {
    InstanceInfo instance = holding.instance();
    InstanceInfo unrenewed =
        instance.toBuilder().leaseInfo(instance.leaseInfo().renewedAt(0)).build();
    state.put(instance.key().toString(), unrenewed + " insisted on: " + holding.override());
  }

  /** Ends the run as a node does that is told to stop. */
  void end() {
    if (writer != null) {
      writer.end();
    }
    store.close(0);
  }

  /** Ends it as kill -9 does: nothing more is written. */
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
