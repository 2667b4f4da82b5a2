// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import io.systole.protocol.model.InstanceInfo;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** An index of applications by the VIP addresses of their instances. Not thread-safe. */
final class VipIndex {
  /** The applications of a VIP address, in the order in which they got it. */
  static final class Entry {
    /*
     * Nearly every address has just one application, and there are as many addresses as
     * applications, so a map is created for the second application only.
     */

    private ApplicationBlocks first;
    private int firstCount;
    private @Nullable Map<ApplicationBlocks, Integer> others;
    private long version;

    private Entry(ApplicationBlocks first) {
      this.first = first;
    }

    /** Returns the version of the last change of any instance of the address. */
    long version() {
      return version;
    }

    /**
     * Calls the action with each application and the number of its instances that have the address.
     */
    void forEach(BiConsumer<ApplicationBlocks, Integer> action) {
      action.accept(first, firstCount);
      if (others != null) {
        others.forEach(action);
      }
    }

    /** Returns whether instances of several applications have the address. */
    boolean hasSeveral() {
      return others != null;
    }

    /** Changes the count of an application; returns false if no instance has the address now. */
    private boolean changeCount(ApplicationBlocks appBlocks, int by) {
      if (appBlocks == first) {
        firstCount += by;
      } else {
        if (others == null) {
          others = new LinkedHashMap<>();
        }
        others.merge(appBlocks, by, (count, change) -> count + change == 0 ? null : count + change);
      }
      boolean isUsed = firstCount > 0 || replaceFirst();
      if (others != null && others.isEmpty()) {
        others = null;
      }
      return isUsed;
    }

    /** Makes another application the first; returns false if there is none. */
    private boolean replaceFirst() {
      if (others == null) {
        return false;
      }
      var next = others.entrySet().iterator();
      Map.Entry<ApplicationBlocks, Integer> entry = next.next();
      first = entry.getKey();
      firstCount = entry.getValue();
      next.remove();
      return true;
    }
  }

  private final Function<InstanceInfo, @Nullable String> vipsOf;
  private final Map<String, Entry> byName = new HashMap<>();

  /**
   * Creates an index.
   *
   * @param vipsOf returns the VIP addresses of an instance, separated by commas
   */
  VipIndex(Function<InstanceInfo, @Nullable String> vipsOf) {
    this.vipsOf = vipsOf;
  }

  @Nullable
  Entry entry(String vip) {
    return byName.get(vip);
  }

  boolean contains(String vip, InstanceInfo instance) {
    return names(instance).contains(vip);
  }

  /** Returns the instances of an application that have the address. */
  List<InstanceInfo> instancesOf(String vip, ApplicationBlocks appBlocks) {
    return appBlocks.documents().stream()
        .filter(instance -> contains(vip, instance))
        .toList();
  }

  /**
   * Applies a change of an instance.
   *
   * @param before null if it was added
   * @param after null if it was removed
   */
  void apply(
      ApplicationBlocks appBlocks,
      @Nullable InstanceInfo before,
      @Nullable InstanceInfo after,
      long version) {
    // Added before removed, so that an unchanged entry is never dropped in between.
    if (after != null) {
      names(after).forEach(name -> count(name, appBlocks, 1, version));
    }
    if (before != null) {
      names(before).forEach(name -> count(name, appBlocks, -1, version));
    }
  }

  private void count(String name, ApplicationBlocks appBlocks, int by, long version) {
    Entry entry = byName.computeIfAbsent(name, absent -> new Entry(appBlocks));
    entry.version = version;
    if (!entry.changeCount(appBlocks, by)) {
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
    return Stream.of(vips.split(",", -1)).distinct().toList();
  }
}
