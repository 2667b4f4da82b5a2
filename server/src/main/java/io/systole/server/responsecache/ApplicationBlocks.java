// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import io.systole.protocol.model.InstanceInfo;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One application's instances in the order in which they were added, in blocks. One thread. */
final class ApplicationBlocks {
  /*
   * Instances are added to the last block; a full one is followed by a new one. What is removed
   * leaves a hole; a block that fits together with a neighbour is merged with it. So any two
   * neighbours hold more than a block's maximum together, and blocks are more than half full on
   * average, but where there is just one, whatever came and went.
   *
   * Old instances thereby stand in front of new ones: those that leave together by their age stand
   * together.
   */

  final String name;

  @Nullable
  InstanceBlock first;

  private @Nullable InstanceBlock last;
  private int size;
  private long version;

  /** By style of a registry's parts; null while nobody has asked since the last change. */
  private @Nullable SegmentList @Nullable [] joined;

  ApplicationBlocks(String name) {
    this.name = name;
  }

  /** How many instances there are. */
  int size() {
    return size;
  }

  /** The version of its last change. */
  long version() {
    return version;
  }

  void changed(long changedVersion) {
    version = changedVersion;
    joined = null;
  }

  /** Adds an instance and returns where it is. */
  InstanceBlock add(int number, InstanceInfo document) {
    InstanceBlock block = last;
    if (block == null || block.isFull()) {
      block = new InstanceBlock(this);
      block.previous = last;
      if (last == null) {
        first = block;
      } else {
        last.next = block;
      }
      last = block;
    }
    block.add(number, document);
    size++;
    return block;
  }

  /**
   * Takes an instance out of its block, which may make two blocks one.
   *
   * @return the block whose instances were moved from another, or null
   */
  @Nullable
  InstanceBlock remove(InstanceBlock block, int index) {
    block.remove(index);
    size--;
    if (block.size() == 0) {
      unlink(block);
      return null;
    }
    if (fits(block, block.next)) {
      return absorbNext(block);
    }
    return fits(block.previous, block) ? absorbNext(block.previous) : null;
  }

  private static boolean fits(@Nullable InstanceBlock one, @Nullable InstanceBlock other) {
    return one != null && other != null && one.size() + other.size() <= InstanceBlock.INSTANCES_MAX;
  }

  private @Nullable InstanceBlock absorbNext(@Nullable InstanceBlock block) {
    if (block == null || block.next == null) {
      throw new IllegalStateException("nothing to merge on the shelf of " + name);
    }
    InstanceBlock next = block.next;
    for (int i = 0; i < next.size(); i++) {
      block.add(next.number(i), next.document(i));
    }
    unlink(next);
    return block;
  }

  private void unlink(InstanceBlock block) {
    if (block.previous == null) {
      first = block.next;
    } else {
      block.previous.next = block.next;
    }
    if (block.next == null) {
      last = block.previous;
    } else {
      block.next.previous = block.previous;
    }
  }

  List<InstanceInfo> documents() {
    List<InstanceInfo> all = new ArrayList<>(size);
    for (InstanceBlock block = first; block != null; block = block.next) {
      all.addAll(block.documents());
    }
    return all;
  }

  /** All of it as within a registry, led by what parts it from the one before; null if not made. */
  @Nullable
  SegmentList joined(BlockEncoding encoding) {
    return joined == null ? null : joined[encoding.ordinal()];
  }

  void joined(BlockEncoding encoding, @Nullable SegmentList segments) {
    if (joined == null) {
      if (segments == null) {
        return;
      }
      joined = new SegmentList[BlockEncoding.COUNT];
    }
    joined[encoding.ordinal()] = segments;
  }

  /** Gives back what was encoded in a style. */
  void drop(BlockEncoding encoding) {
    joined(encoding, null);
    for (InstanceBlock block = first; block != null; block = block.next) {
      block.segments(encoding, null);
    }
  }
}
