// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * All applications of a registry, in order of appearance, in groups: several small applications, or
 * one of any size. Not thread-safe. Cost of a change: O(size of a group).
 */
final class ApplicationGroups implements Iterable<ApplicationGroups.ApplicationGroup> {
  /*
   * In the document of a registry, the applications of a group are encoded together, since a small
   * application compresses badly by itself, and its segments take more memory than its text.
   *
   * A new application joins the last group if it fits. A shared group that outgrows its maximum is
   * split; one that shrinks is merged with a small neighbour. Groups are merged only up to a lower
   * limit than the maximum, so that alternating changes don't split and merge them each time.
   *
   * An application whose instances have long text gets a group of its own. It compresses well by
   * itself, and would be encoded with each change of the others; and its segments are the same in
   * the document of a VIP address.
   */

  private @Nullable ApplicationGroup first;
  private @Nullable ApplicationGroup last;

  /** Updates the groups after a change of an application, which may be new or empty. */
  void update(ApplicationBlocks appBlocks) {
    ApplicationGroup group = groupOf(appBlocks);
    if (group == null) {
      append(appBlocks);
      return;
    }
    int weightBefore = group.weight;
    if (appBlocks.size() == 0) {
      group.apps.remove(appBlocks);
      appBlocks.sharedEncoding = null;
    }
    group.changed();
    if (group.apps.isEmpty()) {
      unlink(group);
      mergeIfSmall(group.previous, group.next);
    } else if (group.isOverfull()) {
      split(group);
    } else if (group.weight < weightBefore) {
      mergeWithNeighbours(group);
    }
  }

  /** Casts; only this class sets the group. */
  static @Nullable ApplicationGroup groupOf(ApplicationBlocks appBlocks) {
    return (ApplicationGroup) appBlocks.sharedEncoding;
  }

  private void append(ApplicationBlocks appBlocks) {
    ApplicationGroup group = last;
    if (group == null || group.weight + weightOf(appBlocks) > ApplicationGroup.INSTANCES_MAX) {
      group = insertAfter(last);
    }
    group.add(appBlocks);
    group.changed();
  }

  private ApplicationGroup insertAfter(@Nullable ApplicationGroup previous) {
    ApplicationGroup added = new ApplicationGroup();
    ApplicationGroup next = previous == null ? first : previous.next;
    added.previous = previous;
    added.next = next;
    if (previous == null) {
      first = added;
    } else {
      previous.next = added;
    }
    if (next == null) {
      last = added;
    } else {
      next.previous = added;
    }
    return added;
  }

  private void unlink(ApplicationGroup group) {
    if (group.previous == null) {
      first = group.next;
    } else {
      group.previous.next = group.next;
    }
    if (group.next == null) {
      last = group.previous;
    } else {
      group.next.previous = group.previous;
    }
  }

  /** Splits a group until no part is overfull. */
  private void split(ApplicationGroup group) {
    ApplicationGroup following = group.next;
    divide(group);
    ApplicationGroup part = following == null ? last : following.previous;
    while (part != null && part != group) {
      ApplicationGroup preceding = part.previous;
      mergeIfSmall(part, part.next);
      part = preceding;
    }
    mergeWithNeighbours(group);
  }

  /** Moves the last applications, about half of the instances, to a new group. */
  private void divide(ApplicationGroup group) {
    int from = group.apps.size() - 1;
    int moved = weightOf(group.apps.get(from));
    while (from > 1 && moved + weightOf(group.apps.get(from - 1)) <= group.weight / 2) {
      from--;
      moved += weightOf(group.apps.get(from));
    }
    ApplicationGroup added = insertAfter(group);
    List<ApplicationBlocks> rest = group.apps.subList(from, group.apps.size());
    rest.forEach(added::add);
    rest.clear();
    group.changed();
    added.changed();
    if (added.isOverfull()) {
      divide(added);
    }
    if (group.isOverfull()) {
      divide(group);
    }
  }

  /** Returns the number of instances, or more than a group of several may have. */
  private static int weightOf(ApplicationBlocks appBlocks) {
    long shortBytes = (long) ApplicationGroup.INSTANCE_TEXT_BYTES_MAX * appBlocks.size();
    return appBlocks.textBytes() <= shortBytes
        ? appBlocks.size()
        : appBlocks.size() + ApplicationGroup.INSTANCES_MAX;
  }

  private void mergeWithNeighbours(ApplicationGroup group) {
    mergeIfSmall(group, group.next);
    mergeIfSmall(group.previous, group);
  }

  private void mergeIfSmall(@Nullable ApplicationGroup one, @Nullable ApplicationGroup other) {
    if (one == null || other == null || one.weight + other.weight > ApplicationGroup.MERGED_MAX) {
      return;
    }
    other.apps.forEach(one::add);
    other.apps.clear();
    one.changed();
    unlink(other);
  }

  /** Discards the segments of an encoding. Cost: O(groups). */
  void drop(BlockEncoding encoding) {
    for (ApplicationGroup group : this) {
      group.segments(encoding, null);
    }
  }

  @Override
  public Iterator<ApplicationGroup> iterator() {
    return new Iterator<>() {
      private @Nullable ApplicationGroup next = first;

      @Override
      public boolean hasNext() {
        return next != null;
      }

      @Override
      public ApplicationGroup next() {
        ApplicationGroup current = next;
        if (current == null) {
          throw new NoSuchElementException("no more groups");
        }
        next = current.next;
        return current;
      }
    };
  }

  /** Neighbouring applications that are encoded together, or a single one. Not thread-safe. */
  static final class ApplicationGroup implements ApplicationBlocks.SharedEncoding {
    /**
     * Limit on the instances of several applications. Lower than that of a block: changes of small
     * applications are spread over more groups, and each encodes its group again.
     */
    static final int INSTANCES_MAX = 48;

    static final int MERGED_MAX = INSTANCES_MAX * 3 / 4;

    /** Limit on the average text of an instance in a group of several; most have half of it. */
    static final int INSTANCE_TEXT_BYTES_MAX = 2 * 1024;

    private @Nullable ApplicationGroup previous;
    private @Nullable ApplicationGroup next;
    private final List<ApplicationBlocks> apps = new ArrayList<>(2);
    private int instanceCount;

    /** The sum of the weights of the applications. */
    private int weight;

    /** By encoding; null if not encoded since the last change, or if there is one application. */
    private @Nullable SegmentList @Nullable [] segments;

    private void add(ApplicationBlocks appBlocks) {
      apps.add(appBlocks);
      appBlocks.sharedEncoding = this;
      if (isShared()) {
        apps.forEach(ApplicationBlocks::discardSegments);
      }
    }

    private void changed() {
      segments = null;
      instanceCount = apps.stream().mapToInt(ApplicationBlocks::size).sum();
      weight = apps.stream().mapToInt(ApplicationGroups::weightOf).sum();
    }

    private boolean isOverfull() {
      return isShared() && weight > INSTANCES_MAX;
    }

    @Override
    public boolean isShared() {
      return apps.size() > 1;
    }

    int instanceCount() {
      return instanceCount;
    }

    /** Returns a view of the applications; empty once the group was merged with another. */
    List<ApplicationBlocks> apps() {
      return Collections.unmodifiableList(apps);
    }

    /** Returns the encoded elements of a registry, preceded by a separator; null if not encoded. */
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
