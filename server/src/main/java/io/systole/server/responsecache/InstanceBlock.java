// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import io.systole.protocol.model.InstanceInfo;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A block of instances of one application, the unit of encoding. Not thread-safe. */
final class InstanceBlock {
  /**
   * A larger block makes each change more expensive; a smaller one compresses worse and takes more
   * memory.
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
