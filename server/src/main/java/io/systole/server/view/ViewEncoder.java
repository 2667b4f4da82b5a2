// SPDX-License-Identifier: Apache-2.0
package io.systole.server.view;

import io.systole.protocol.codec.Codec;
import io.systole.protocol.codec.Root;
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
final class ViewEncoder implements AutoCloseable {
  /**
   * The text that is encoded at once takes at most this many bytes, but one instance is encoded
   * whole. It bounds what encoding takes beside its result; usual blocks are smaller.
   */
  static final int PART_BYTES_MAX = 256 * 1024;

  /** What {@code versions__delta} says where there are no deltas (spec §4.3). */
  private static final String NO_VERSION = "-1";

  /** What is told of a registry beside its applications. */
  record Heading(String version, String appsHashCode) {}

  private final PieceMaker maker = new PieceMaker();

  /** By language. */
  private final Codec[] codecs = new Codec[Language.values().length];

  /** By style, as what follows. */
  private final Piece[] separators = new Piece[Style.COUNT];

  private final Piece[] tails = new Piece[Style.COUNT];

  ViewEncoder(Map<Language, Codec> codecs) {
    codecs.forEach((language, codec) -> this.codecs[language.ordinal()] = codec);
    for (Style style : Style.values()) {
      separators[style.ordinal()] = Piece.stored(codec(style).separator());
      tails[style.ordinal()] =
          Piece.stored(codec(style).applicationTail(Root.APPLICATIONS, style.form()));
    }
  }

  /** Applications as a registry shows them. */
  List<Pieces> registry(Style style, Heading heading, Collection<Shelf> shelves) {
    List<Pieces> applications = new ArrayList<>(shelves.size() + 2);
    for (Shelf shelf : shelves) {
      applications.add(joined(shelf, style));
    }
    return framed(style, heading, applications);
  }

  /** Instances of no shelf, grouped by application in order of appearance. Keeps nothing. */
  List<Pieces> document(Style style, Heading heading, Collection<InstanceInfo> instances) {
    Map<String, List<InstanceInfo>> apps = new LinkedHashMap<>();
    for (InstanceInfo instance : instances) {
      apps.computeIfAbsent(instance.app(), any -> new ArrayList<>()).add(instance);
    }
    if (endOfPart(List.copyOf(instances), 0) < instances.size()) {
      List<Pieces> parts = new ArrayList<>(apps.size());
      apps.forEach((app, members) -> parts.add(partOf(app, members, style)));
      return framed(style, heading, parts);
    }
    List<Application> applications = new ArrayList<>(apps.size());
    apps.forEach((app, members) -> applications.add(new Application(app, members)));
    byte[] plain = codec(style)
        .encodeApplications(
            new Applications(heading.version(), heading.appsHashCode(), applications),
            style.form());
    return List.of(Pieces.of(maker.make(plain)));
  }

  /** One application by itself. */
  List<Pieces> application(Style style, Shelf shelf) {
    List<Piece> parts = new ArrayList<>();
    Codec codec = codec(style);
    parts.add(Piece.stored(codec.applicationHead(shelf.name, Root.APPLICATION, style.form())));
    addBlocks(shelf, style, parts);
    parts.add(Piece.stored(codec.applicationTail(Root.APPLICATION, style.form())));
    return List.of(Pieces.of(parts));
  }

  /** All instances behind a virtual name, with their own hash code. */
  List<Pieces> vip(Style style, String vip, VipIndex index) {
    List<Pieces> applications = new ArrayList<>();
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
    return framed(style, new Heading(NO_VERSION, AppsHashCode.of(shown)), applications);
  }

  static List<InstanceInfo> behind(String vip, VipIndex index, Shelf shelf) {
    return shelf.documents().stream()
        .filter(instance -> index.isBehind(vip, instance))
        .toList();
  }

  /** Puts a registry's head and tail around applications, each of which is led by a separator. */
  private List<Pieces> framed(Style style, Heading heading, List<Pieces> applications) {
    Codec codec = codec(style);
    String version = heading.version();
    String hashCode = heading.appsHashCode();
    byte[] head = codec.applicationsHead(version, hashCode, style.form());
    byte[] tail = codec.applicationsTail(version, hashCode, applications.isEmpty(), style.form());
    List<Pieces> whole = new ArrayList<>(applications.size() + 2);
    whole.add(Pieces.of(Piece.stored(head)));
    for (Pieces application : applications) {
      whole.add(whole.size() == 1 ? application.withoutFirst() : application);
    }
    whole.add(Pieces.of(Piece.stored(tail)));
    return whole;
  }

  private Pieces joined(Shelf shelf, Style style) {
    Pieces made = shelf.joined(style);
    if (made == null) {
      List<Piece> parts = begun(shelf.name, style);
      addBlocks(shelf, style, parts);
      made = ended(parts, style);
      shelf.joined(style, made);
    }
    return made;
  }

  private Pieces partOf(String app, List<InstanceInfo> instances, Style style) {
    List<Piece> parts = begun(app, style);
    for (int from = 0; from < instances.size(); from += Block.INSTANCES_MAX) {
      int to = Math.min(instances.size(), from + Block.INSTANCES_MAX);
      addBlock(encoded(instances.subList(from, to), style), from == 0, style, parts);
    }
    return ended(parts, style);
  }

  private List<Piece> begun(String app, Style style) {
    List<Piece> parts = new ArrayList<>();
    parts.add(separator(style));
    parts.add(Piece.stored(codec(style).applicationHead(app, Root.APPLICATIONS, style.form())));
    return parts;
  }

  private Pieces ended(List<Piece> parts, Style style) {
    parts.add(tails[style.ordinal()]);
    return Pieces.of(parts);
  }

  private void addBlocks(Shelf shelf, Style style, List<Piece> parts) {
    for (Block block = shelf.first; block != null; block = block.next) {
      addBlock(pieces(block, style), block == shelf.first, style, parts);
    }
  }

  /** A block's pieces, which are kept there until it changes. */
  Pieces pieces(Block block, Style style) {
    Pieces pieces = block.pieces(style);
    if (pieces == null) {
      pieces = encoded(block.documents(), style);
      block.pieces(style, pieces);
    }
    return pieces;
  }

  private void addBlock(Pieces block, boolean isFirst, Style style, List<Piece> parts) {
    if (!isFirst) {
      parts.add(separator(style));
    }
    for (int i = 0; i < block.count(); i++) {
      parts.add(block.part(i));
    }
  }

  private Pieces encoded(List<InstanceInfo> instances, Style style) {
    List<Piece> parts = new ArrayList<>(1);
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
    return Pieces.of(parts);
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

  private Piece separator(Style style) {
    return separators[style.ordinal()];
  }

  private Codec codec(Style style) {
    return codecs[style.language().ordinal()];
  }

  @Override
  public void close() {
    maker.close();
  }
}
