// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

import io.systole.protocol.model.ActionType;
import io.systole.protocol.model.Application;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;

/** A builder of the next snapshot from the current one. For one thread. */
final class SnapshotBuilder {
  private TreePMap<String, TreePMap<String, InstanceInfo>> apps;
  private TreePMap<String, TreePMap<InstanceKey, InstanceInfo>> vips;
  private TreePMap<String, TreePMap<InstanceKey, InstanceInfo>> secureVips;
  private final Map<InstanceStatus, Integer> statuses;
  private final MirrorListener changes;

  /** @param changes receives each change as it is applied */
  SnapshotBuilder(RegistrySnapshot before, MirrorListener changes) {
    this.apps = before.apps();
    this.vips = before.vips();
    this.secureVips = before.secureVips();
    this.statuses = before.statuses();
    this.changes = changes;
  }

  /** Returns the snapshot of a full response, without instances that lack application or id. */
  static RegistrySnapshot of(Applications all, long version) {
    SnapshotBuilder draft = new SnapshotBuilder(RegistrySnapshot.EMPTY, MirrorListener.NONE);
    Map<String, Map<String, InstanceInfo>> byApp = new TreeMap<>();
    for (Application application : all.applications()) {
      for (InstanceInfo instance : application.instances()) {
        if (isNamed(instance)) {
          byApp
              .computeIfAbsent(instance.app(), app -> new TreeMap<>())
              .put(instance.id(), instance);
        }
      }
    }
    // Made from sorted maps, each tree costs its size; only the names cost a search an instance.
    TreeMap<String, TreePMap<String, InstanceInfo>> apps = new TreeMap<>();
    byApp.forEach((app, instances) ->
        apps.put(app, TreePMap.fromSortedMap((TreeMap<String, InstanceInfo>) instances)));
    draft.apps = TreePMap.fromSortedMap(apps);
    byApp.values().forEach(instances -> instances.values().forEach(draft::index));
    return draft.build(version);
  }

  /** Applies a delta in its order. */
  void applyAll(Applications delta) {
    for (Application application : delta.applications()) {
      application.instances().forEach(this::apply);
    }
  }

  /** Applies a change of an instance. */
  void apply(InstanceInfo instance) {
    if (!isNamed(instance)) {
      return;
    }
    if (instance.actionType() == ActionType.DELETED) {
      remove(instance.key());
    } else {
      put(instance);
    }
  }

  /** Adds or replaces an instance. */
  void put(InstanceInfo instance) {
    String app = instance.app();
    TreePMap<String, InstanceInfo> held = instancesOf(app);
    InstanceInfo before = held.get(instance.id());
    apps = apps.plus(app, held.plus(instance.id(), instance));
    if (before != null) {
      unindex(before);
    }
    index(instance);
    if (before == null || !isSame(before, instance)) {
      changes.onChange(app, before, instance);
    }
  }

  private void remove(InstanceKey key) {
    TreePMap<String, InstanceInfo> held = instancesOf(key.app());
    InstanceInfo before = held.get(key.id());
    if (before == null) {
      return;
    }
    TreePMap<String, InstanceInfo> left = held.minus(key.id());
    apps = left.isEmpty() ? apps.minus(key.app()) : apps.plus(key.app(), left);
    unindex(before);
    changes.onChange(key.app(), before, null);
  }

  RegistrySnapshot build(long version) {
    return new RegistrySnapshot(apps, vips, secureVips, Map.copyOf(statuses), version);
  }

  /** Reports the differences of two independent snapshots; O(n) in both. */
  static void compare(RegistrySnapshot before, RegistrySnapshot after, MirrorListener changes) {
    before.stream().forEach(held -> {
      if (after.instance(held.app(), held.id()) == null) {
        changes.onChange(held.app(), held, null);
      }
    });
    after.stream().forEach(instance -> {
      InstanceInfo held = before.instance(instance.app(), instance.id());
      if (held == null || !isSame(held, instance)) {
        changes.onChange(instance.app(), held, instance);
      }
    });
  }

  /** Returns the number of instances missing from the second snapshot; O(n) in the first. */
  static int lost(RegistrySnapshot before, RegistrySnapshot after) {
    long lost = before.stream()
        .filter(held -> after.instance(held.app(), held.id()) == null)
        .count();
    return Math.toIntExact(lost);
  }

  /** Returns whether two instances are equal except for fields stamped by the server. */
  private static boolean isSame(InstanceInfo before, InstanceInfo after) {
    return before.toBuilder()
        .leaseInfo(after.leaseInfo())
        .actionType(after.actionType())
        .build()
        .equals(after);
  }

  private static boolean isNamed(InstanceInfo instance) {
    return !instance.app().isEmpty() && !instance.id().isEmpty();
  }

  private TreePMap<String, InstanceInfo> instancesOf(String app) {
    @Nullable TreePMap<String, InstanceInfo> held = apps.get(app);
    return held == null ? RegistrySnapshot.NO_INSTANCES : held;
  }

  private void index(InstanceInfo instance) {
    statuses.merge(instance.status(), 1, Integer::sum);
    InstanceKey key = instance.key();
    for (String name : names(instance.vipAddress())) {
      vips = vips.plus(name, behind(name, vips).plus(key, instance));
    }
    for (String name : names(instance.secureVipAddress())) {
      secureVips = secureVips.plus(name, behind(name, secureVips).plus(key, instance));
    }
  }

  private void unindex(InstanceInfo instance) {
    statuses.merge(instance.status(), -1, Integer::sum);
    InstanceKey key = instance.key();
    for (String name : names(instance.vipAddress())) {
      vips = without(key, name, vips);
    }
    for (String name : names(instance.secureVipAddress())) {
      secureVips = without(key, name, secureVips);
    }
  }

  private static TreePMap<String, TreePMap<InstanceKey, InstanceInfo>> without(
      InstanceKey key, String name, TreePMap<String, TreePMap<InstanceKey, InstanceInfo>> names) {
    TreePMap<InstanceKey, InstanceInfo> left = behind(name, names).minus(key);
    return left.isEmpty() ? names.minus(name) : names.plus(name, left);
  }

  private static TreePMap<InstanceKey, InstanceInfo> behind(
      String name, TreePMap<String, TreePMap<InstanceKey, InstanceInfo>> names) {
    @Nullable TreePMap<InstanceKey, InstanceInfo> held = names.get(name);
    return held == null ? RegistrySnapshot.NO_TARGETS : held;
  }

  /** Returns the elements of a comma-separated list, untrimmed (spec §1.3). */
  private static String[] names(@Nullable String list) {
    return list == null ? new String[0] : RegistrySnapshot.upper(list).split(",", -1);
  }
}
