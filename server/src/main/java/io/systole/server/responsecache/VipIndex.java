// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import io.systole.protocol.model.InstanceInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Which applications have instances behind a virtual name, and how many. One thread. */
final class VipIndex {
  /** One application behind a name, and the others. */
  static final class Holders {
    /*
     * A chain, as there is nearly always one application, and as many names as applications.
     */

    private final ApplicationBlocks appBlocks;
    private int count;
    private long version;
    private @Nullable Holders others;

    private Holders(ApplicationBlocks appBlocks) {
      this.appBlocks = appBlocks;
    }

    /** The version of the last change of any instance behind the name. */
    long version() {
      return version;
    }

    /** Calls with each application and how many of its instances are behind the name. */
    void forEach(BiConsumer<ApplicationBlocks, Integer> action) {
      for (Holders each = this; each != null; each = each.others) {
        action.accept(each.appBlocks, each.count);
      }
    }

    /** The chain with an application counted anew; null when nothing is left of it. */
    private static @Nullable Holders counted(
        @Nullable Holders chain, ApplicationBlocks appBlocks, int by) {
      Holders before = null;
      Holders found = chain;
      while (found != null && found.appBlocks != appBlocks) {
        before = found;
        found = found.others;
      }
      if (found == null) {
        found = new Holders(appBlocks);
        if (before != null) {
          before.others = found;
        }
      }
      found.count += by;
      Holders head = chain == null ? found : chain;
      if (found.count > 0) {
        return head;
      }
      if (before == null) {
        return found.others;
      }
      before.others = found.others;
      return head;
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
      ApplicationBlocks appBlocks,
      @Nullable InstanceInfo before,
      @Nullable InstanceInfo after,
      long version) {
    // Added before removed, so that what stays the same is never gone.
    if (after != null) {
      names(after).forEach(name -> count(name, appBlocks, 1, version));
    }
    if (before != null) {
      names(before).forEach(name -> count(name, appBlocks, -1, version));
    }
  }

  private void count(String name, ApplicationBlocks appBlocks, int by, long version) {
    Holders before = byName.get(name);
    Holders after = Holders.counted(before, appBlocks, by);
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
    List<String> names = new ArrayList<>();
    for (String name : vips.split(",", -1)) {
      if (!names.contains(name)) {
        names.add(name);
      }
    }
    return names;
  }
}
