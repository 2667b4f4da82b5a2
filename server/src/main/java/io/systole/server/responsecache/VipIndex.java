// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import io.systole.protocol.model.InstanceInfo;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** An index of applications by the VIP addresses of their instances. Not thread-safe. */
final class VipIndex {
  /** The applications of a VIP address, as a linked list. */
  static final class Entry {
    /*
     * A list node per application, as nearly every address has just one, and there are as many
     * addresses as applications.
     */

    private final ApplicationBlocks appBlocks;
    private int count;
    private long version;
    private @Nullable Entry next;

    private Entry(ApplicationBlocks appBlocks) {
      this.appBlocks = appBlocks;
    }

    /** Returns the version of the last change of any instance of the address. */
    long version() {
      return version;
    }

    /**
     * Calls the action with each application and the number of its instances that have the address.
     */
    void forEach(BiConsumer<ApplicationBlocks, Integer> action) {
      for (Entry each = this; each != null; each = each.next) {
        action.accept(each.appBlocks, each.count);
      }
    }

    /** Returns whether instances of several applications have the address. */
    boolean hasSeveral() {
      return next != null;
    }

    /** Returns the list with a changed count; null if it is empty. */
    private static @Nullable Entry changeCount(
        @Nullable Entry chain, ApplicationBlocks appBlocks, int by) {
      Entry before = null;
      Entry found = chain;
      while (found != null && found.appBlocks != appBlocks) {
        before = found;
        found = found.next;
      }
      if (found == null) {
        found = new Entry(appBlocks);
        if (before != null) {
          before.next = found;
        }
      }
      found.count += by;
      Entry head = chain == null ? found : chain;
      if (found.count > 0) {
        return head;
      }
      if (before == null) {
        return found.next;
      }
      before.next = found.next;
      return head;
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
    Entry before = byName.get(name);
    Entry after = Entry.changeCount(before, appBlocks, by);
    if (after == null) {
      byName.remove(name);
    } else {
      after.version = version;
      if (after != before) {
        byName.put(name, after);
      }
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
