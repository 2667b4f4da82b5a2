// SPDX-License-Identifier: Apache-2.0
package io.systole.server.view;

import io.systole.protocol.model.InstanceInfo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Which applications have instances behind a virtual name, and how many. One thread. */
final class VipIndex {
  /** The applications behind one name; nearly always one. */
  static final class Holders {
    private @Nullable Shelf[] shelves = new Shelf[1];
    private int[] counts = new int[1];
    private int size;
    private long version;

    /** The version of the last change of any instance behind the name. */
    long version() {
      return version;
    }

    /** Calls with each application and how many of its instances are behind the name. */
    void forEach(BiConsumer<Shelf, Integer> action) {
      for (int i = 0; i < size; i++) {
        Shelf shelf = shelves[i];
        if (shelf != null) {
          action.accept(shelf, counts[i]);
        }
      }
    }

    private void count(Shelf shelf, int by) {
      int index = 0;
      while (index < size && shelves[index] != shelf) {
        index++;
      }
      if (index == size) {
        if (size == counts.length) {
          shelves = Arrays.copyOf(shelves, size * 2);
          counts = Arrays.copyOf(counts, size * 2);
        }
        shelves[size] = shelf;
        counts[size++] = 0;
      }
      counts[index] += by;
      if (counts[index] == 0) {
        size--;
        System.arraycopy(shelves, index + 1, shelves, index, size - index);
        System.arraycopy(counts, index + 1, counts, index, size - index);
        shelves[size] = null;
      }
    }
  }

  private final Function<InstanceInfo, @Nullable String> vipsOf;
  private final Map<String, Holders> byName = new HashMap<>();

  /** @param vipsOf the virtual names of an instance, separated by commas */
  VipIndex(Function<InstanceInfo, @Nullable String> vipsOf) {
    this.vipsOf = vipsOf;
  }

  @Nullable
  Holders holders(String vip) {
    return byName.get(vip);
  }

  boolean isBehind(String vip, InstanceInfo instance) {
    return names(instance).contains(vip);
  }

  /**
   * Notes a change of an instance.
   *
   * @param before null for a new one
   * @param after null for one that went
   */
  void note(
      Shelf shelf, @Nullable InstanceInfo before, @Nullable InstanceInfo after, long version) {
    // Added before removed, so that what stays the same is never gone.
    if (after != null) {
      names(after).forEach(name -> count(name, shelf, 1, version));
    }
    if (before != null) {
      names(before).forEach(name -> count(name, shelf, -1, version));
    }
  }

  private void count(String name, Shelf shelf, int by, long version) {
    Holders holders = byName.computeIfAbsent(name, any -> new Holders());
    holders.version = version;
    holders.count(shelf, by);
    if (holders.size == 0) {
      byName.remove(name);
    }
  }

  /** Elements match exactly; nothing is trimmed (spec §1.3). */
  private List<String> names(InstanceInfo instance) {
    String vips = vipsOf.apply(instance);
    if (vips == null) {
      return List.of();
    }
    if (vips.indexOf(',') < 0) {
      return List.of(vips);
    }
    List<String> names = new ArrayList<>();
    for (String name : vips.split(",", -1)) {
      if (!names.contains(name)) {
        names.add(name);
      }
    }
    return names;
  }
}
