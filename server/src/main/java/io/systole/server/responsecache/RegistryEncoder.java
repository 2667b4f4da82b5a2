// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import io.systole.protocol.codec.Codec;
import io.systole.protocol.codec.Codec.RootElement;
import io.systole.protocol.model.Application;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.AppsHashCode;
import io.systole.protocol.model.InstanceInfo;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes answers out of what is on the shelves, and keeps there what it encoded, so that only what
 * changed is encoded again. One thread; holds native memory until closed.
 */
final class RegistryEncoder implements AutoCloseable {
  /**
   * The text that is encoded at once takes at most this many bytes, but one instance is encoded
   * whole. It bounds what encoding takes beside its result; usual blocks are smaller.
   */
  static final int PART_BYTES_MAX = 256 * 1024;

  /** What {@code versions__delta} says where there are no deltas (spec §4.3). */
  private static final String NO_VERSION = "-1";

  /** What is told of a registry beside its applications. */
  record RegistryHeader(String version, String appsHashCode) {}

  private final SegmentCompressor maker = new SegmentCompressor();

  /** By language. */
  private final Codec[] codecs = new Codec[DocumentFormat.values().length];

  /** By style, as what follows. */
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

  /** Applications as a registry shows them. */
  List<SegmentList> registry(
      BlockEncoding encoding, RegistryHeader heading, Collection<ApplicationBlocks> blockStore) {
    List<SegmentList> applications = new ArrayList<>(blockStore.size() + 2);
    for (ApplicationBlocks appBlocks : blockStore) {
      applications.add(joined(appBlocks, encoding));
    }
    return framed(encoding, heading, applications);
  }

  /** Instances of no shelf, grouped by application in order of appearance. Keeps nothing. */
  List<SegmentList> document(
      BlockEncoding encoding, RegistryHeader heading, Collection<InstanceInfo> instances) {
    Map<String, List<InstanceInfo>> apps = new LinkedHashMap<>();
    for (InstanceInfo instance : instances) {
      apps.computeIfAbsent(instance.app(), any -> new ArrayList<>()).add(instance);
    }
    if (endOfPart(List.copyOf(instances), 0) < instances.size()) {
      List<SegmentList> parts = new ArrayList<>(apps.size());
      apps.forEach((app, members) -> parts.add(partOf(app, members, encoding)));
      return framed(encoding, heading, parts);
    }
    List<Application> applications = new ArrayList<>(apps.size());
    apps.forEach((app, members) -> applications.add(new Application(app, members)));
    byte[] plain = codec(encoding)
        .encodeApplications(
            new Applications(heading.version(), heading.appsHashCode(), applications),
            encoding.form());
    return List.of(SegmentList.of(maker.make(plain)));
  }

  /** One application by itself. */
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

  /** All instances behind a virtual name, with their own hash code. */
  List<SegmentList> vip(BlockEncoding encoding, String vip, VipIndex index) {
    List<SegmentList> applications = new ArrayList<>();
    List<Application> shown = new ArrayList<>();
    VipIndex.Holders holders = index.holders(vip);
    if (holders != null) {
      holders.forEach((appBlocks, count) -> {
        List<InstanceInfo> behind = behind(vip, index, appBlocks);
        shown.add(new Application(appBlocks.name, behind));
        boolean isWhole = count == appBlocks.size();
        applications.add(
            isWhole ? joined(appBlocks, encoding) : partOf(appBlocks.name, behind, encoding));
      });
    }
    return framed(encoding, new RegistryHeader(NO_VERSION, AppsHashCode.of(shown)), applications);
  }

  static List<InstanceInfo> behind(String vip, VipIndex index, ApplicationBlocks appBlocks) {
    return appBlocks.documents().stream()
        .filter(instance -> index.isBehind(vip, instance))
        .toList();
  }

  /** Puts a registry's head and tail around applications, each of which is led by a separator. */
  private List<SegmentList> framed(
      BlockEncoding encoding, RegistryHeader heading, List<SegmentList> applications) {
    Codec codec = codec(encoding);
    String version = heading.version();
    String hashCode = heading.appsHashCode();
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

  private SegmentList joined(ApplicationBlocks appBlocks, BlockEncoding encoding) {
    SegmentList made = appBlocks.joined(encoding);
    if (made == null) {
      List<DeflateSegment> parts = begun(appBlocks.name, encoding);
      addBlocks(appBlocks, encoding, parts);
      made = ended(parts, encoding);
      appBlocks.joined(encoding, made);
    }
    return made;
  }

  private SegmentList partOf(String app, List<InstanceInfo> instances, BlockEncoding encoding) {
    List<DeflateSegment> parts = begun(app, encoding);
    for (int from = 0; from < instances.size(); from += InstanceBlock.INSTANCES_MAX) {
      int to = Math.min(instances.size(), from + InstanceBlock.INSTANCES_MAX);
      addBlock(encoded(instances.subList(from, to), encoding), from == 0, encoding, parts);
    }
    return ended(parts, encoding);
  }

  private List<DeflateSegment> begun(String app, BlockEncoding encoding) {
    List<DeflateSegment> parts = new ArrayList<>();
    parts.add(separator(encoding));
    parts.add(DeflateSegment.stored(
        codec(encoding).applicationHead(app, RootElement.APPLICATIONS, encoding.form())));
    return parts;
  }

  private SegmentList ended(List<DeflateSegment> parts, BlockEncoding encoding) {
    parts.add(tails[encoding.ordinal()]);
    return SegmentList.of(parts);
  }

  private void addBlocks(
      ApplicationBlocks appBlocks, BlockEncoding encoding, List<DeflateSegment> parts) {
    for (InstanceBlock block = appBlocks.first; block != null; block = block.next) {
      addBlock(segments(block, encoding), block == appBlocks.first, encoding, parts);
    }
  }

  /** A block's pieces, which are kept there until it changes. */
  SegmentList segments(InstanceBlock block, BlockEncoding encoding) {
    SegmentList segments = block.segments(encoding);
    if (segments == null) {
      segments = encoded(block.documents(), encoding);
      block.segments(encoding, segments);
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

  private SegmentList encoded(List<InstanceInfo> instances, BlockEncoding encoding) {
    List<DeflateSegment> parts = new ArrayList<>(1);
    int from = 0;
    while (from < instances.size()) {
      int to = endOfPart(instances, from);
      if (from > 0) {
        parts.add(separator(encoding));
      }
      List<InstanceInfo> part = instances.subList(from, to);
      parts.add(maker.make(codec(encoding).instances(part, encoding.root(), encoding.form())));
      from = to;
    }
    return SegmentList.of(parts);
  }

  /** The first instance that is not encoded together with the one at this index. */
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
    maker.close();
  }
}
