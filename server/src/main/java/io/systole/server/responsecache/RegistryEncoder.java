// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import io.systole.protocol.codec.Codec;
import io.systole.protocol.codec.Codec.RootElement;
import io.systole.protocol.model.Application;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.AppsHashCode;
import io.systole.protocol.model.InstanceInfo;
import io.systole.server.responsecache.ApplicationBlocks.InstanceBlock;
import io.systole.server.responsecache.ApplicationGroups.ApplicationGroup;
import io.systole.server.responsecache.DeflateSegment.SegmentCompressor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An encoder of documents from blocks, which keeps the segments of each block, so that only changed
 * blocks are encoded again. Not thread-safe; holds native memory until closed.
 */
final class RegistryEncoder implements AutoCloseable {
  /**
   * Limit on the text encoded at once, except for a single instance. It bounds the temporary memory
   * of encoding; typical blocks are smaller.
   */
  static final int PART_BYTES_MAX = 256 * 1024;

  /** {@code versions__delta} where there are no deltas (spec §4.3). */
  private static final String NO_VERSION = "-1";

  /** The members of a registry document besides its applications. */
  record RegistryHeader(String version, String appsHashCode) {}

  private final SegmentCompressor compressor = new SegmentCompressor();

  /** By format. */
  private final Codec[] codecs = new Codec[DocumentFormat.values().length];

  /** By encoding, as are the tails. */
  private final DeflateSegment[] separators = new DeflateSegment[BlockEncoding.COUNT];

  private final DeflateSegment[] tails = new DeflateSegment[BlockEncoding.COUNT];

  RegistryEncoder(Map<DocumentFormat, Codec> codecs) {
    codecs.forEach((format, codec) -> this.codecs[format.ordinal()] = codec);
    for (BlockEncoding encoding : BlockEncoding.values()) {
      separators[encoding.ordinal()] = DeflateSegment.stored(codec(encoding).separator());
      tails[encoding.ordinal()] = DeflateSegment.stored(
          codec(encoding).applicationTail(RootElement.APPLICATIONS, encoding.form()));
    }
  }

  /** Returns the document of a registry. */
  List<SegmentList> registry(
      BlockEncoding encoding, RegistryHeader header, ApplicationGroups groups) {
    List<SegmentList> elements = new ArrayList<>();
    for (ApplicationGroup group : groups) {
      elements.add(
          group.isShared()
              ? segments(group, encoding)
              : applicationSegments(group.apps().get(0), encoding, false));
    }
    return inRegistry(encoding, header, elements);
  }

  /** Returns the document of applications that are encoded separately. */
  List<SegmentList> registry(
      BlockEncoding encoding, RegistryHeader header, Collection<ApplicationBlocks> apps) {
    List<SegmentList> applications = new ArrayList<>(apps.size() + 2);
    for (ApplicationBlocks appBlocks : apps) {
      applications.add(applicationSegments(appBlocks, encoding, false));
    }
    return inRegistry(encoding, header, applications);
  }

  /**
   * Returns a document of instances that are not in blocks, grouped by application in order of
   * appearance. Keeps no segments.
   */
  List<SegmentList> document(
      BlockEncoding encoding, RegistryHeader header, Collection<InstanceInfo> instances) {
    Map<String, List<InstanceInfo>> apps = new LinkedHashMap<>();
    for (InstanceInfo instance : instances) {
      apps.computeIfAbsent(instance.app(), any -> new ArrayList<>()).add(instance);
    }
    if (endOfPart(List.copyOf(instances), 0) < instances.size()) {
      List<SegmentList> parts = new ArrayList<>(apps.size());
      apps.forEach((app, members) -> parts.add(applicationOf(app, members, encoding)));
      return inRegistry(encoding, header, parts);
    }
    List<Application> applications = new ArrayList<>(apps.size());
    apps.forEach((app, members) -> applications.add(new Application(app, members)));
    byte[] plain = codec(encoding)
        .encodeApplications(
            new Applications(header.version(), header.appsHashCode(), applications),
            encoding.form());
    return List.of(SegmentList.of(compressor.compress(plain)));
  }

  /** Returns the document of a single application. */
  List<SegmentList> application(BlockEncoding encoding, ApplicationBlocks appBlocks) {
    List<DeflateSegment> parts = new ArrayList<>();
    Codec codec = codec(encoding);
    parts.add(DeflateSegment.stored(
        codec.applicationHead(appBlocks.name, RootElement.APPLICATION, encoding.form())));
    addBlocks(appBlocks, encoding, parts);
    parts.add(
        DeflateSegment.stored(codec.applicationTail(RootElement.APPLICATION, encoding.form())));
    return List.of(SegmentList.of(parts));
  }

  /** Returns the document of a VIP address, with its own hash code. */
  List<SegmentList> vip(BlockEncoding encoding, String vip, VipIndex index) {
    List<SegmentList> applications = new ArrayList<>();
    List<Application> shown = new ArrayList<>();
    VipIndex.Entry entry = index.entry(vip);
    if (entry != null) {
      entry.forEach((appBlocks, count) -> {
        List<InstanceInfo> matching = index.instancesOf(vip, appBlocks);
        shown.add(new Application(appBlocks.name, matching));
        boolean isWholeApplication = count == appBlocks.size();
        applications.add(
            isWholeApplication
                ? applicationSegments(appBlocks, encoding, entry.hasSeveral())
                : applicationOf(appBlocks.name, matching, encoding));
      });
    }
    return inRegistry(
        encoding, new RegistryHeader(NO_VERSION, AppsHashCode.of(shown)), applications);
  }

  /** Adds the head and tail of a registry to applications, each preceded by a separator. */
  private List<SegmentList> inRegistry(
      BlockEncoding encoding, RegistryHeader header, List<SegmentList> applications) {
    Codec codec = codec(encoding);
    String version = header.version();
    String hashCode = header.appsHashCode();
    byte[] head = codec.applicationsHead(version, hashCode, encoding.form());
    byte[] tail =
        codec.applicationsTail(version, hashCode, applications.isEmpty(), encoding.form());
    List<SegmentList> whole = new ArrayList<>(applications.size() + 2);
    whole.add(SegmentList.of(DeflateSegment.stored(head)));
    for (SegmentList application : applications) {
      whole.add(whole.size() == 1 ? application.withoutFirst() : application);
    }
    whole.add(SegmentList.of(DeflateSegment.stored(tail)));
    return whole;
  }

  /** @param isKept whether the segments are kept in a shared group too */
  private SegmentList applicationSegments(
      ApplicationBlocks appBlocks, BlockEncoding encoding, boolean isKept) {
    SegmentList segments = appBlocks.applicationSegments(encoding);
    if (segments == null) {
      List<DeflateSegment> parts = beginApplication(appBlocks.name, encoding);
      addBlocks(appBlocks, encoding, parts);
      segments = endApplication(parts, encoding);
      if (isKept || !appBlocks.isInSharedGroup()) {
        appBlocks.applicationSegments(encoding, segments);
      }
    }
    return segments;
  }

  private SegmentList applicationOf(
      String app, List<InstanceInfo> instances, BlockEncoding encoding) {
    List<DeflateSegment> parts = beginApplication(app, encoding);
    for (int from = 0; from < instances.size(); from += InstanceBlock.INSTANCES_MAX) {
      int to = Math.min(instances.size(), from + InstanceBlock.INSTANCES_MAX);
      addBlock(encode(instances.subList(from, to), encoding), from == 0, encoding, parts);
    }
    return endApplication(parts, encoding);
  }

  private List<DeflateSegment> beginApplication(String app, BlockEncoding encoding) {
    List<DeflateSegment> parts = new ArrayList<>();
    parts.add(separator(encoding));
    parts.add(DeflateSegment.stored(
        codec(encoding).applicationHead(app, RootElement.APPLICATIONS, encoding.form())));
    return parts;
  }

  private SegmentList endApplication(List<DeflateSegment> parts, BlockEncoding encoding) {
    parts.add(tails[encoding.ordinal()]);
    return SegmentList.of(parts);
  }

  private void addBlocks(
      ApplicationBlocks appBlocks, BlockEncoding encoding, List<DeflateSegment> parts) {
    for (InstanceBlock block = appBlocks.first; block != null; block = block.next) {
      addBlock(segments(block, encoding), block == appBlocks.first, encoding, parts);
    }
  }

  /** Returns the segments of several applications, which are kept until one of them changes. */
  SegmentList segments(ApplicationGroup group, BlockEncoding encoding) {
    SegmentList segments = group.segments(encoding);
    if (segments == null) {
      segments = encode(group, encoding);
      group.segments(encoding, segments);
    }
    return segments;
  }

  private SegmentList encode(ApplicationGroup group, BlockEncoding encoding) {
    Codec codec = codec(encoding);
    byte[] tail = codec.applicationTail(RootElement.APPLICATIONS, encoding.form());
    CompressedTextBuilder text = new CompressedTextBuilder(compressor, PART_BYTES_MAX);
    for (ApplicationBlocks appBlocks : group.apps()) {
      if (appBlocks != group.apps().get(0)) {
        text.append(codec.separator());
      }
      text.append(codec.applicationHead(appBlocks.name, RootElement.APPLICATIONS, encoding.form()));
      List<InstanceInfo> instances = appBlocks.documents();
      int to = 0;
      for (int from = 0; from < instances.size(); from = to) {
        to = endOfPart(instances, from);
        if (from > 0) {
          text.append(codec.separator());
        }
        text.append(codec.instances(instances.subList(from, to), encoding.root(), encoding.form()));
      }
      text.append(tail);
    }
    return text.endAfter(separator(encoding));
  }

  /**
   * Returns the segments of a block, which are kept until it changes unless its application shares
   * the segments of others.
   */
  SegmentList segments(InstanceBlock block, BlockEncoding encoding) {
    SegmentList segments = block.segments(encoding);
    if (segments == null) {
      segments = encode(block.documents(), encoding);
      if (!block.appBlocks.isInSharedGroup()) {
        block.segments(encoding, segments);
      }
    }
    return segments;
  }

  private void addBlock(
      SegmentList block, boolean isFirst, BlockEncoding encoding, List<DeflateSegment> parts) {
    if (!isFirst) {
      parts.add(separator(encoding));
    }
    for (int i = 0; i < block.count(); i++) {
      parts.add(block.part(i));
    }
  }

  private SegmentList encode(List<InstanceInfo> instances, BlockEncoding encoding) {
    List<DeflateSegment> parts = new ArrayList<>(1);
    int from = 0;
    while (from < instances.size()) {
      int to = endOfPart(instances, from);
      if (from > 0) {
        parts.add(separator(encoding));
      }
      List<InstanceInfo> part = instances.subList(from, to);
      parts.add(
          compressor.compress(codec(encoding).instances(part, encoding.root(), encoding.form())));
      from = to;
    }
    return SegmentList.of(parts);
  }

  /**
   * Returns the index of the first instance that is not encoded together with the one at
   * {@code from}.
   */
  private static int endOfPart(List<InstanceInfo> instances, int from) {
    long bytes = 0;
    int to = from;
    while (to < instances.size()) {
      bytes += instances.get(to).sizeBytes();
      if (bytes > PART_BYTES_MAX && to > from) {
        return to;
      }
      to++;
    }
    return to;
  }

  private DeflateSegment separator(BlockEncoding encoding) {
    return separators[encoding.ordinal()];
  }

  private Codec codec(BlockEncoding encoding) {
    return codecs[encoding.format().ordinal()];
  }

  @Override
  public void close() {
    compressor.close();
  }
}
