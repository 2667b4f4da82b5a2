// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import io.systole.protocol.codec.Codec;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.server.registry.Change;
import io.systole.server.registry.ChangeLog;
import io.systole.server.registry.RegistrySettings;
import io.systole.server.responsecache.CacheKey.CacheScope;
import io.systole.server.responsecache.RegistryEncoder.RegistryHeader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A copy of the registry as of one change, from which representations are encoded. Not thread-safe.
 */
final class ReadModel implements AutoCloseable {
  /** {@code versions__delta} of a full registry (spec §4.3). */
  private static final String FULL_VERSION = "1";

  /** Limit on snapshots kept for further requests; each refers to all its instances. */
  static final int SNAPSHOTS_MAX = 8;

  /** The changes after a version that are encoded without waiting: those of some milliseconds. */
  static final int CHANGES_AT_ONCE = 256;

  private record SnapshotKey(CacheScope scope, String name) {}

  /** The version of a representation without instances. */
  private static final long NO_VERSION = 0;

  private final ChangeLog log;
  private final InstanceIndex index = new InstanceIndex();
  private final DeltaWindow window;
  private final RegistryEncoder encoder;
  private final String tagPrefix;

  /** Snapshots requested since the last change, least recently used first. */
  private final Map<SnapshotKey, ReadSnapshot> snapshots = new LinkedHashMap<>(16, 0.75f, true);

  private Change at;

  /**
   * Creates a model of the registry behind the log.
   *
   * @param tagPrefix prefix of all entity tags
   * @throws IllegalStateException if the log has already dropped changes
   */
  ReadModel(
      ChangeLog log,
      RegistrySettings settings,
      Map<DocumentFormat, Codec> codecs,
      String tagPrefix) {
    this.log = log;
    this.at = log.oldest();
    if (at.slot() >= 0) {
      throw new IllegalStateException("the log has dropped the changes up to " + at.version()
          + ", the cache needs all of them");
    }
    this.window = new DeltaWindow(
        at,
        settings.deltaRetentionMs(),
        settings.deltaChangesMax(),
        log::bytesMax,
        () -> log.oldest().version());
    this.encoder = new RegistryEncoder(codecs);
    this.tagPrefix = tagPrefix;
  }

  /** Applies all new changes and expires old ones. */
  void advance(long nowNs) {
    Change last = log.last();
    if (at.version() < last.version()) {
      snapshots.clear();
    }
    while (at.version() < last.version()) {
      Change next = at.next();
      if (next == null) {
        throw new IllegalStateException(
            "no change after " + at.version() + ", expected up to " + last.version());
      }
      // Advanced first, so that a change that can't be applied is not applied again.
      at = next;
      index.apply(next);
      window.apply(next);
    }
    window.expire(nowNs);
  }

  /** Returns the last change applied. */
  Change at() {
    return at;
  }

  /**
   * Returns the time of the oldest change in the delta, monotonic; {@code nowNs} if it is empty.
   */
  long oldestDeltaChangeNs(long nowNs) {
    Change oldest = window.oldest();
    return oldest == null ? nowNs : oldest.atNs();
  }

  /** Returns the version of the last change of the instances under a key; 0 if there are none. */
  long version(CacheKey key) {
    return switch (key.scope()) {
      case FULL, DELTA, SINCE -> at.version();
      case APPLICATION -> {
        ApplicationBlocks appBlocks = index.blockStore().appBlocks(key.name());
        yield appBlocks == null ? NO_VERSION : appBlocks.version();
      }
      case VIP, SECURE_VIP -> {
        VipIndex.Entry entry = index(key.scope()).entry(key.name());
        yield entry == null ? NO_VERSION : entry.version();
      }
    };
  }

  /**
   * Returns false for an application or virtual address without instances, whose representation is
   * not worth caching; true for any other key.
   */
  boolean hasInstances(CacheKey key) {
    return !key.scope().isNamed() || version(key) != NO_VERSION;
  }

  /**
   * Encodes a representation; returns null if there is no such application, or the changes after
   * the version are no longer available.
   */
  @Nullable
  CachedRepresentation encode(CacheKey key) {
    BlockEncoding encoding = key.encoding();
    String name = key.name();
    List<SegmentList> parts = switch (key.scope()) {
      case FULL ->
        encoder.registry(
            encoding, new RegistryHeader(FULL_VERSION, index.appsHashCode()), index.groups());
      // Clients accept any growing number except -1, which means that there are no deltas. The
      // registry version also serves long polls.
      case DELTA ->
        encoder.registry(
            encoding,
            new RegistryHeader(Long.toString(at.version()), index.appsHashCode()),
            window.blockStore().all());
      case SINCE -> since(encoding, Long.parseLong(name));
      case APPLICATION -> {
        ApplicationBlocks appBlocks = index.blockStore().appBlocks(name);
        yield appBlocks == null ? null : encoder.application(encoding, appBlocks);
      }
      case VIP, SECURE_VIP -> encoder.vip(encoding, name, index(key.scope()));
    };
    return parts == null ? null : new CachedRepresentation(at.version(), tag(key), parts);
  }

  /** Returns the encoding to do ahead of a representation; null if there is little to encode. */
  @Nullable
  IncrementalEncoding incrementalEncoding(CacheKey key) {
    return switch (key.scope()) {
      case FULL -> new IncrementalEncoding(index.groups(), key.encoding());
      case APPLICATION -> {
        ApplicationBlocks appBlocks = index.blockStore().appBlocks(key.name());
        yield appBlocks == null || appBlocks.isInSharedGroup()
            ? null
            : new IncrementalEncoding(List.of(appBlocks), key.encoding());
      }
      case VIP, SECURE_VIP -> {
        VipIndex.Entry entry = index(key.scope()).entry(key.name());
        yield entry == null
            ? null
            : new IncrementalEncoding(wholeApplications(entry), key.encoding());
      }
      case SINCE -> {
        long seen = Long.parseLong(key.name());
        boolean isLong =
            at.version() - seen > CHANGES_AT_ONCE && seen >= log.oldest().version();
        yield isLong ? new IncrementalEncoding(List.of(), key.encoding()) : null;
      }
      case DELTA -> null;
    };
  }

  /**
   * Returns the applications of a VIP address whose blocks are encoded for its document: those of
   * which all instances have it.
   */
  private static List<ApplicationBlocks> wholeApplications(VipIndex.Entry entry) {
    List<ApplicationBlocks> whole = new ArrayList<>();
    entry.forEach((appBlocks, count) -> {
      if (count == appBlocks.size() && !appBlocks.isInSharedGroup()) {
        whole.add(appBlocks);
      }
    });
    return whole;
  }

  /** Continues an encoding until the time slice is over; returns whether it is finished. */
  boolean advance(IncrementalEncoding encoding, BooleanSupplier isOver) {
    return encoding.advance(encoder, isOver);
  }

  private @Nullable List<SegmentList> since(BlockEncoding encoding, long version) {
    Change seen = log.at(version);
    if (seen == null) {
      return null;
    }
    Map<InstanceKey, InstanceInfo> changed = new LinkedHashMap<>();
    for (Change next = seen; next.version() < at.version(); ) {
      next = Objects.requireNonNull(next.next());
      changed.put(next.document().key(), next.document());
    }
    RegistryHeader header = new RegistryHeader(Long.toString(at.version()), index.appsHashCode());
    return encoder.document(encoding, header, changed.values());
  }

  private VipIndex index(CacheScope scope) {
    return scope == CacheScope.VIP ? index.vips() : index.secureVips();
  }

  private String tag(CacheKey key) {
    String tag = tag(tagPrefix, key, version(key));
    Change oldest = key.scope() == CacheScope.DELTA ? window.oldest() : null;
    return oldest == null ? tag : tag + '-' + oldest.version();
  }

  /** Returns the entity tag of a version, without the suffix that a delta has. */
  static String tag(String tagPrefix, CacheKey key, long version) {
    return tagPrefix + '-' + key.scope().ordinal() + key.encoding().ordinal() + '-' + version;
  }

  /**
   * Returns the instances of a scope. Cost: O(instances), unless requested since the last change.
   */
  ReadSnapshot snapshot(CacheScope scope, String name) {
    if (scope == CacheScope.DELTA || scope == CacheScope.SINCE) {
      // Not kept, since it also changes when changes expire.
      return newSnapshot(scope, name);
    }
    SnapshotKey key = new SnapshotKey(scope, name);
    ReadSnapshot snapshot = snapshots.get(key);
    if (snapshot == null) {
      snapshot = newSnapshot(scope, name);
      snapshots.put(key, snapshot);
      if (snapshots.size() > SNAPSHOTS_MAX) {
        snapshots.remove(snapshots.keySet().iterator().next());
      }
    }
    return snapshot;
  }

  private ReadSnapshot newSnapshot(CacheScope scope, String name) {
    List<InstanceInfo> instances = new ArrayList<>();
    switch (scope) {
      case FULL ->
        index.blockStore().all().forEach(appBlocks -> instances.addAll(appBlocks.documents()));
      case DELTA, SINCE ->
        window.blockStore().all().forEach(appBlocks -> instances.addAll(appBlocks.documents()));
      case APPLICATION -> {
        ApplicationBlocks appBlocks = index.blockStore().appBlocks(name);
        if (appBlocks != null) {
          instances.addAll(appBlocks.documents());
        }
      }
      case VIP, SECURE_VIP -> {
        VipIndex.Entry entry = index(scope).entry(name);
        if (entry != null) {
          entry.forEach(
              (appBlocks, count) -> instances.addAll(index(scope).instancesOf(name, appBlocks)));
        }
      }
    }
    return new ReadSnapshot(at, List.copyOf(instances));
  }

  /** Returns the names of all applications, in order of appearance. */
  List<String> applicationNames() {
    return index.blockStore().all().stream().map(appBlocks -> appBlocks.name).toList();
  }

  /** Discards the segments of an encoding. Cost: O(blocks). */
  void drop(BlockEncoding encoding) {
    index.blockStore().drop(encoding);
    index.groups().drop(encoding);
    window.blockStore().drop(encoding);
  }

  @Override
  public void close() {
    encoder.close();
  }
}
