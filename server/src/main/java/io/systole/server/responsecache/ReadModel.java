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

/** The registry as of one change, and how its answers are made. One thread. */
final class ReadModel implements AutoCloseable {
  /** What {@code versions__delta} says in a full answer, always (spec §4.3). */
  private static final String FULL_VERSION = "1";

  /** Cuts that are kept for others who ask; each refers to as many instances as it shows. */
  static final int CUTS_MAX = 8;

  private record SnapshotKey(CacheScope extent, String name) {}

  /** The version of what shows nothing. */
  private static final long NOTHING = 0;

  private final ChangeLog log;
  private final InstanceIndex index = new InstanceIndex();
  private final DeltaWindow recent;
  private final RegistryEncoder encoder;
  private final String boot;

  /** Those asked for since the last change; the last one is the one asked for last. */
  private final Map<SnapshotKey, ReadSnapshot> cuts = new LinkedHashMap<>(16, 0.75f, true);

  private Change at;

  /**
   * @param boot leads every tag
   * @throws IllegalStateException when the log has forgotten changes already
   */
  ReadModel(
      ChangeLog log, RegistrySettings settings, Map<DocumentFormat, Codec> codecs, String boot) {
    this.log = log;
    this.at = log.oldest();
    if (at.slot() >= 0) {
      throw new IllegalStateException(
          "views must see every change, but those up to " + at.version() + " are forgotten");
    }
    this.recent = new DeltaWindow(
        at,
        settings.deltaRetentionMs(),
        settings.deltaChangesMax(),
        settings.bytes().changesMax());
    this.encoder = new RegistryEncoder(codecs);
    this.boot = boot;
  }

  /** Takes over all changes there are and forgets old ones. */
  void advance(long nowNs) {
    Change last = log.last();
    if (at.version() < last.version()) {
      cuts.clear();
    }
    while (at.version() < last.version()) {
      Change next = at.next();
      if (next == null) {
        throw new IllegalStateException("no way from " + at.version() + " to " + last.version());
      }
      // Stepped over first: a change that can't be taken over is not met again.
      at = next;
      index.apply(next);
      recent.apply(next);
    }
    recent.expire(nowNs);
  }

  /** The last change that is shown. */
  Change at() {
    return at;
  }

  /** When the oldest change of the delta was made, monotonic; now when it tells none. */
  long oldestReportedNs(long nowNs) {
    Change oldest = recent.oldest();
    return oldest == null ? nowNs : oldest.atNs();
  }

  /** The version of the last change of what an answer shows; what has none shows nothing. */
  long version(CacheKey key) {
    return switch (key.extent()) {
      case FULL, DELTA, SINCE -> at.version();
      case APPLICATION -> {
        ApplicationBlocks appBlocks = index.blockStore().appBlocks(key.name());
        yield appBlocks == null ? NOTHING : appBlocks.version();
      }
      case VIP, SECURE_VIP -> {
        VipIndex.Holders holders = index(key.extent()).holders(key.name());
        yield holders == null ? NOTHING : holders.version();
      }
    };
  }

  /** Whether there is something of that name, so that its answer is worth keeping. */
  boolean isKnown(CacheKey key) {
    return !key.extent().isNamed() || version(key) != NOTHING;
  }

  /** Makes an answer; null when there is no such application, or what was asked is forgotten. */
  @Nullable
  CachedRepresentation view(CacheKey key) {
    BlockEncoding encoding = key.encoding();
    String name = key.name();
    List<SegmentList> parts = switch (key.extent()) {
      case FULL ->
        encoder.registry(
            encoding,
            new RegistryHeader(FULL_VERSION, index.appsHashCode()),
            index.blockStore().all());
      // Any number that grows will do, but -1, which says that there are no deltas. This one can
      // also be waited with.
      case DELTA ->
        encoder.registry(
            encoding,
            new RegistryHeader(Long.toString(at.version()), index.appsHashCode()),
            recent.blockStore().all());
      case SINCE -> since(encoding, Long.parseLong(name));
      case APPLICATION -> {
        ApplicationBlocks appBlocks = index.blockStore().appBlocks(name);
        yield appBlocks == null ? null : encoder.application(encoding, appBlocks);
      }
      case VIP, SECURE_VIP -> encoder.vip(encoding, name, index(key.extent()));
    };
    return parts == null ? null : new CachedRepresentation(at.version(), tag(key), parts);
  }

  /** What can be encoded ahead of an answer; null where there is little. */
  @Nullable
  IncrementalEncoding preparation(CacheKey key) {
    return switch (key.extent()) {
      case FULL -> new IncrementalEncoding(index.blockStore().all(), key.encoding());
      case APPLICATION -> {
        ApplicationBlocks appBlocks = index.blockStore().appBlocks(key.name());
        yield appBlocks == null
            ? null
            : new IncrementalEncoding(List.of(appBlocks), key.encoding());
      }
      case DELTA, SINCE, VIP, SECURE_VIP -> null;
    };
  }

  /** Encodes ahead until the turn is over; returns whether it is done. */
  boolean prepare(IncrementalEncoding preparation, BooleanSupplier isOver) {
    return preparation.goOn(encoder, isOver);
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
    RegistryHeader heading = new RegistryHeader(Long.toString(at.version()), index.appsHashCode());
    return encoder.document(encoding, heading, changed.values());
  }

  private VipIndex index(CacheScope extent) {
    return extent == CacheScope.VIP ? index.vips() : index.secureVips();
  }

  private String tag(CacheKey key) {
    String tag = tag(boot, key, version(key));
    Change oldest = key.extent() == CacheScope.DELTA ? recent.oldest() : null;
    return oldest == null ? tag : tag + '-' + oldest.version();
  }

  /** Names what an answer shows, but for what a delta has forgotten. */
  static String tag(String boot, CacheKey key, long version) {
    return boot + '-' + key.extent().ordinal() + key.encoding().ordinal() + '-' + version;
  }

  /**
   * The instances that an answer of this extent would show. Walks them, unless somebody has asked
   * since the last change.
   */
  ReadSnapshot cut(CacheScope extent, String name) {
    if (extent == CacheScope.DELTA || extent == CacheScope.SINCE) {
      // It also changes by what it forgets.
      return newCut(extent, name);
    }
    SnapshotKey key = new SnapshotKey(extent, name);
    ReadSnapshot snapshot = cuts.get(key);
    if (snapshot == null) {
      snapshot = newCut(extent, name);
      cuts.put(key, snapshot);
      if (cuts.size() > CUTS_MAX) {
        cuts.remove(cuts.keySet().iterator().next());
      }
    }
    return snapshot;
  }

  private ReadSnapshot newCut(CacheScope extent, String name) {
    List<InstanceInfo> instances = new ArrayList<>();
    switch (extent) {
      case FULL ->
        index.blockStore().all().forEach(appBlocks -> instances.addAll(appBlocks.documents()));
      case DELTA, SINCE ->
        recent.blockStore().all().forEach(appBlocks -> instances.addAll(appBlocks.documents()));
      case APPLICATION -> {
        ApplicationBlocks appBlocks = index.blockStore().appBlocks(name);
        if (appBlocks != null) {
          instances.addAll(appBlocks.documents());
        }
      }
      case VIP, SECURE_VIP -> {
        VipIndex.Holders holders = index(extent).holders(name);
        if (holders != null) {
          holders.forEach((appBlocks, count) ->
              instances.addAll(RegistryEncoder.behind(name, index(extent), appBlocks)));
        }
      }
    }
    return new ReadSnapshot(at, List.copyOf(instances));
  }

  /** The names of all applications, in order of appearance. */
  List<String> applicationNames() {
    return index.blockStore().all().stream().map(appBlocks -> appBlocks.name).toList();
  }

  /** Gives back what was encoded in a style. Walks everything. */
  void drop(BlockEncoding encoding) {
    index.blockStore().drop(encoding);
    recent.blockStore().drop(encoding);
  }

  @Override
  public void close() {
    encoder.close();
  }
}
