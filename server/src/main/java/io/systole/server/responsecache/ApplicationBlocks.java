// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import io.systole.protocol.model.InstanceInfo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The instances of one application, in insertion order, in blocks. Not thread-safe. */
final class ApplicationBlocks {
  /*
   * Instances are added to the last block; a new block follows a full one. After a removal, a block
   * is merged with a neighbour if both fit into one. So any two neighbours together hold more than
   * the maximum of a block, and unless there is only one, blocks are more than half full on
   * average.
   *
   * Old instances thus precede new ones, so instances that are removed together because of their
   * age share blocks.
   */

  /** Applications that are encoded together in the document of a registry. */
  interface SharedEncoding {
    /** Returns whether there are several. */
    boolean isShared();
  }

  final String name;

  @Nullable
  InstanceBlock first;

  private @Nullable InstanceBlock last;

  /** The encoding that this application is a part of; null in a store that shares none. */
  @Nullable
  SharedEncoding sharedEncoding;

  private int size;

  /** Estimated bytes of the text of all instances. */
  private long textBytes;

  private long version;

  /** By encoding; null if not encoded since the last change. */
  private @Nullable SegmentList @Nullable [] applicationSegments;

  ApplicationBlocks(String name) {
    this.name = name;
  }

  /** Returns the number of instances. */
  int size() {
    return size;
  }

  /** Returns the estimated bytes of the text of all instances. */
  long textBytes() {
    return textBytes;
  }

  /** Returns the version of the last change. */
  long version() {
    return version;
  }

  void changed(long changedVersion) {
    version = changedVersion;
    applicationSegments = null;
  }

  /** Adds an instance and returns its block. */
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
    textBytes += document.sizeBytes();
    return block;
  }

  /**
   * Removes an instance from its block; may merge two blocks.
   *
   * @return the block that received the instances of another, or null
   */
  @Nullable
  InstanceBlock remove(InstanceBlock block, int index) {
    textBytes -= block.document(index).sizeBytes();
    block.remove(index);
    size--;
    if (block.size() == 0) {
      unlink(block);
      return null;
    }
    if (fits(block, block.next)) {
      return mergeNext(block);
    }
    return fits(block.previous, block) ? mergeNext(block.previous) : null;
  }

  private static boolean fits(@Nullable InstanceBlock one, @Nullable InstanceBlock other) {
    return one != null && other != null && one.size() + other.size() <= InstanceBlock.INSTANCES_MAX;
  }

  private @Nullable InstanceBlock mergeNext(@Nullable InstanceBlock block) {
    if (block == null || block.next == null) {
      throw new IllegalStateException("no blocks to merge in " + name);
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

  /**
   * Returns the encoded application as an element of a registry, preceded by a separator; null if
   * not encoded.
   */
  @Nullable
  SegmentList applicationSegments(BlockEncoding encoding) {
    return applicationSegments == null ? null : applicationSegments[encoding.ordinal()];
  }

  void applicationSegments(BlockEncoding encoding, @Nullable SegmentList segments) {
    if (applicationSegments == null) {
      if (segments == null) {
        return;
      }
      applicationSegments = new SegmentList[BlockEncoding.COUNT];
    }
    applicationSegments[encoding.ordinal()] = segments;
  }

  /**
   * Returns whether it is encoded together with others. Then it keeps only the segments of an
   * address that it shares with other applications.
   */
  boolean isInSharedGroup() {
    return sharedEncoding != null && sharedEncoding.isShared();
  }

  /** Discards the segments of all encodings. */
  void discardSegments() {
    applicationSegments = null;
    for (InstanceBlock block = first; block != null; block = block.next) {
      block.segments = null;
    }
  }

  /** Discards the segments of an encoding. */
  void drop(BlockEncoding encoding) {
    applicationSegments(encoding, null);
    for (InstanceBlock block = first; block != null; block = block.next) {
      block.segments(encoding, null);
    }
  }

  /** A block of instances of one application, the unit of encoding. Not thread-safe. */
  static final class InstanceBlock {
    /**
     * A larger block makes each change more expensive; a smaller one compresses worse and takes
     * more memory.
     */
    static final int INSTANCES_MAX = 64;

    final ApplicationBlocks appBlocks;

    @Nullable
    InstanceBlock previous;

    @Nullable
    InstanceBlock next;

    private @Nullable InstanceInfo[] documents = new InstanceInfo[2];
    private int[] numbers = new int[2];
    private int size;

    /** By encoding; null if not encoded since the last change. */
    private @Nullable SegmentList @Nullable [] segments;

    InstanceBlock(ApplicationBlocks appBlocks) {
      this.appBlocks = appBlocks;
    }

    int size() {
      return size;
    }

    boolean isFull() {
      return size == INSTANCES_MAX;
    }

    /** Returns a view of the instances, which reflects later changes. */
    @SuppressWarnings("NullAway") // within the size there is no null
    List<InstanceInfo> documents() {
      return Collections.unmodifiableList(Arrays.asList(documents).subList(0, size));
    }

    int number(int index) {
      return numbers[index];
    }

    InstanceInfo document(int index) {
      InstanceInfo document = documents[index];
      if (document == null) {
        throw new IllegalStateException("no document at " + index + " of " + size);
      }
      return document;
    }

    /** Returns the index of an instance by its number. */
    int indexOf(int number) {
      for (int i = 0; i < size; i++) {
        if (numbers[i] == number) {
          return i;
        }
      }
      throw new IllegalStateException("block of " + appBlocks.name + " has no number " + number);
    }

    void add(int number, InstanceInfo document) {
      if (size == numbers.length) {
        int capacity = Math.min(INSTANCES_MAX, size + Math.max(2, size / 4));
        documents = Arrays.copyOf(documents, capacity);
        numbers = Arrays.copyOf(numbers, capacity);
      }
      documents[size] = document;
      numbers[size] = number;
      size++;
      segments = null;
    }

    void set(int index, InstanceInfo document) {
      appBlocks.textBytes += document.sizeBytes() - document(index).sizeBytes();
      documents[index] = document;
      segments = null;
    }

    /** Removes an instance; the others keep their order. */
    void remove(int index) {
      size--;
      System.arraycopy(documents, index + 1, documents, index, size - index);
      System.arraycopy(numbers, index + 1, numbers, index, size - index);
      documents[size] = null;
      segments = null;
    }

    @Nullable
    SegmentList segments(BlockEncoding encoding) {
      return segments == null ? null : segments[encoding.ordinal()];
    }

    void segments(BlockEncoding encoding, @Nullable SegmentList encoded) {
      if (segments == null) {
        if (encoded == null) {
          return;
        }
        segments = new SegmentList[BlockEncoding.COUNT];
      }
      segments[encoding.ordinal()] = encoded;
    }
  }
}
