// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import io.systole.protocol.codec.Codec;
import io.systole.protocol.codec.RootElement;
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
    codecs.forEach((language, codec) -> this.codecs[language.ordinal()] = codec);
    for (BlockEncoding style : BlockEncoding.values()) {
      separators[style.ordinal()] = DeflateSegment.stored(codec(style).separator());
      tails[style.ordinal()] = DeflateSegment.stored(
          codec(style).applicationTail(RootElement.APPLICATIONS, style.form()));
    }
  }

  /** Applications as a registry shows them. */
  List<SegmentList> registry(
      BlockEncoding style, RegistryHeader heading, Collection<ApplicationBlocks> shelves) {
    List<SegmentList> applications = new ArrayList<>(shelves.size() + 2);
    for (ApplicationBlocks shelf : shelves) {
      applications.add(joined(shelf, style));
    }
    return framed(style, heading, applications);
  }

  /** Instances of no shelf, grouped by application in order of appearance. Keeps nothing. */
  List<SegmentList> document(
      BlockEncoding style, RegistryHeader heading, Collection<InstanceInfo> instances) {
    Map<String, List<InstanceInfo>> apps = new LinkedHashMap<>();
    for (InstanceInfo instance : instances) {
      apps.computeIfAbsent(instance.app(), any -> new ArrayList<>()).add(instance);
    }
    if (endOfPart(List.copyOf(instances), 0) < instances.size()) {
      List<SegmentList> parts = new ArrayList<>(apps.size());
      apps.forEach((app, members) -> parts.add(partOf(app, members, style)));
      return framed(style, heading, parts);
    }
    List<Application> applications = new ArrayList<>(apps.size());
    apps.forEach((app, members) -> applications.add(new Application(app, members)));
    byte[] plain = codec(style)
        .encodeApplications(
            new Applications(heading.version(), heading.appsHashCode(), applications),
            style.form());
    return List.of(SegmentList.of(maker.make(plain)));
  }

  /** One application by itself. */
  List<SegmentList> application(BlockEncoding style, ApplicationBlocks shelf) {
    List<DeflateSegment> parts = new ArrayList<>();
    Codec codec = codec(style);
    parts.add(DeflateSegment.stored(
        codec.applicationHead(shelf.name, RootElement.APPLICATION, style.form())));
    addBlocks(shelf, style, parts);
    parts.add(DeflateSegment.stored(codec.applicationTail(RootElement.APPLICATION, style.form())));
    return List.of(SegmentList.of(parts));
  }

  /** All instances behind a virtual name, with their own hash code. */
  List<SegmentList> vip(BlockEncoding style, String vip, VipIndex index) {
    List<SegmentList> applications = new ArrayList<>();
    List<Application> shown = new ArrayList<>();
    VipIndex.Holders holders = index.holders(vip);
    if (holders != null) {
      holders.forEach((shelf, count) -> {
        List<InstanceInfo> behind = behind(vip, index, shelf);
        shown.add(new Application(shelf.name, behind));
        boolean isWhole = count == shelf.size();
        applications.add(isWhole ? joined(shelf, style) : partOf(shelf.name, behind, style));
      });
    }
    return framed(style, new RegistryHeader(NO_VERSION, AppsHashCode.of(shown)), applications);
  }

  static List<InstanceInfo> behind(String vip, VipIndex index, ApplicationBlocks shelf) {
    return shelf.documents().stream()
        .filter(instance -> index.isBehind(vip, instance))
        .toList();
  }

  /** Puts a registry's head and tail around applications, each of which is led by a separator. */
  private List<SegmentList> framed(
      BlockEncoding style, RegistryHeader heading, List<SegmentList> applications) {
    Codec codec = codec(style);
    String version = heading.version();
    String hashCode = heading.appsHashCode();
    byte[] head = codec.applicationsHead(version, hashCode, style.form());
    byte[] tail = codec.applicationsTail(version, hashCode, applications.isEmpty(), style.form());
    List<SegmentList> whole = new ArrayList<>(applications.size() + 2);
    whole.add(SegmentList.of(DeflateSegment.stored(head)));
    for (SegmentList application : applications) {
      whole.add(whole.size() == 1 ? application.withoutFirst() : application);
    }
    whole.add(SegmentList.of(DeflateSegment.stored(tail)));
    return whole;
  }

  private SegmentList joined(ApplicationBlocks shelf, BlockEncoding style) {
    SegmentList made = shelf.joined(style);
    if (made == null) {
      List<DeflateSegment> parts = begun(shelf.name, style);
      addBlocks(shelf, style, parts);
      made = ended(parts, style);
      shelf.joined(style, made);
    }
    return made;
  }

  private SegmentList partOf(String app, List<InstanceInfo> instances, BlockEncoding style) {
    List<DeflateSegment> parts = begun(app, style);
    for (int from = 0; from < instances.size(); from += InstanceBlock.INSTANCES_MAX) {
      int to = Math.min(instances.size(), from + InstanceBlock.INSTANCES_MAX);
      addBlock(encoded(instances.subList(from, to), style), from == 0, style, parts);
    }
    return ended(parts, style);
  }

  private List<DeflateSegment> begun(String app, BlockEncoding style) {
    List<DeflateSegment> parts = new ArrayList<>();
    parts.add(separator(style));
    parts.add(DeflateSegment.stored(
        codec(style).applicationHead(app, RootElement.APPLICATIONS, style.form())));
    return parts;
  }

  private SegmentList ended(List<DeflateSegment> parts, BlockEncoding style) {
    parts.add(tails[style.ordinal()]);
    return SegmentList.of(parts);
  }

  private void addBlocks(ApplicationBlocks shelf, BlockEncoding style, List<DeflateSegment> parts) {
    for (InstanceBlock block = shelf.first; block != null; block = block.next) {
      addBlock(pieces(block, style), block == shelf.first, style, parts);
    }
  }

  /** A block's pieces, which are kept there until it changes. */
  SegmentList pieces(InstanceBlock block, BlockEncoding style) {
    SegmentList pieces = block.pieces(style);
    if (pieces == null) {
      pieces = encoded(block.documents(), style);
      block.pieces(style, pieces);
    }
    return pieces;
  }

  private void addBlock(
      SegmentList block, boolean isFirst, BlockEncoding style, List<DeflateSegment> parts) {
    if (!isFirst) {
      parts.add(separator(style));
    }
    for (int i = 0; i < block.count(); i++) {
      parts.add(block.part(i));
    }
  }

  private SegmentList encoded(List<InstanceInfo> instances, BlockEncoding style) {
    List<DeflateSegment> parts = new ArrayList<>(1);
    int from = 0;
    while (from < instances.size()) {
      int to = endOfPart(instances, from);
      if (from > 0) {
        parts.add(separator(style));
      }
      List<InstanceInfo> part = instances.subList(from, to);
      parts.add(maker.make(codec(style).instances(part, style.root(), style.form())));
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

  private DeflateSegment separator(BlockEncoding style) {
    return separators[style.ordinal()];
  }

  private Codec codec(BlockEncoding style) {
    return codecs[style.language().ordinal()];
  }

  @Override
  public void close() {
    maker.close();
  }
}
