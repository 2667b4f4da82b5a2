// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

import io.systole.protocol.model.Application;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.AppsHashCode;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;

/**
 * An immutable snapshot of a registry. Names are case-insensitive, as in Netflix's client; ids are
 * case-sensitive. Lookups are O(log n) and return views, sorted by id, or by application and id for
 * virtual addresses.
 */
public final class RegistrySnapshot {
  /*
   * Persistent sorted maps: a changed snapshot shares all but a few dozen nodes with the previous
   * one, so one change costs the same in an application of 100,000 instances as in one of 3. Trees
   * rather than hash tries, since ids are untrusted and could be chosen to collide.
   */

  /** A filter for instances that receive traffic, the default of Netflix's client. */
  public static final Predicate<InstanceInfo> UP =
      instance -> instance.status() == InstanceStatus.UP;

  /** The version if the server does not send one. */
  public static final long NO_VERSION = -1;

  static final TreePMap<String, InstanceInfo> NO_INSTANCES = TreePMap.empty();
  static final TreePMap<InstanceKey, InstanceInfo> NO_TARGETS = TreePMap.empty();
  static final RegistrySnapshot EMPTY = new RegistrySnapshot(
      TreePMap.empty(), TreePMap.empty(), TreePMap.empty(), Map.of(), NO_VERSION);

  private final TreePMap<String, TreePMap<String, InstanceInfo>> apps;
  private final TreePMap<String, TreePMap<InstanceKey, InstanceInfo>> vips;
  private final TreePMap<String, TreePMap<InstanceKey, InstanceInfo>> secureVips;
  private final Map<InstanceStatus, Integer> statuses;
  private final int size;
  private final long version;

  RegistrySnapshot(
      TreePMap<String, TreePMap<String, InstanceInfo>> apps,
      TreePMap<String, TreePMap<InstanceKey, InstanceInfo>> vips,
      TreePMap<String, TreePMap<InstanceKey, InstanceInfo>> secureVips,
      Map<InstanceStatus, Integer> statuses,
      long version) {
    this.apps = apps;
    this.vips = vips;
    this.secureVips = secureVips;
    this.statuses = statuses;
    this.size = statuses.values().stream().mapToInt(Integer::intValue).sum();
    this.version = version;
  }

  /** Returns the names of all applications, upper case, sorted. */
  public Set<String> applications() {
    return Collections.unmodifiableSet(apps.keySet());
  }

  /** Returns the instances of an application, of any status; empty if there are none. */
  public Collection<InstanceInfo> instances(String app) {
    return Collections.unmodifiableCollection(of(app).values());
  }

  /** Returns the instances of an application that match a filter; O(n) in the application. */
  public List<InstanceInfo> instances(String app, Predicate<InstanceInfo> filter) {
    return filtered(of(app).values(), filter);
  }

  /** Returns the instances of an application that are UP; O(n) in the application. */
  public List<InstanceInfo> up(String app) {
    return instances(app, UP);
  }

  /** Returns the instance, or null. */
  public @Nullable InstanceInfo instance(String app, String id) {
    return of(app).get(id);
  }

  /** Returns the instances with this {@code vipAddress}, of any status. */
  public Collection<InstanceInfo> vip(String address) {
    return Collections.unmodifiableCollection(behind(address, vips).values());
  }

  /** Returns the instances of {@link #vip(String)} that match a filter; O(n) in their number. */
  public List<InstanceInfo> vip(String address, Predicate<InstanceInfo> filter) {
    return filtered(behind(address, vips).values(), filter);
  }

  /** Returns the instances with this {@code secureVipAddress}, of any status. */
  public Collection<InstanceInfo> secureVip(String address) {
    return Collections.unmodifiableCollection(behind(address, secureVips).values());
  }

  /**
   * Returns the instances of {@link #secureVip(String)} that match a filter; O(n) in their number.
   */
  public List<InstanceInfo> secureVip(String address, Predicate<InstanceInfo> filter) {
    return filtered(behind(address, secureVips).values(), filter);
  }

  /** Returns all instances, sorted by application and id. */
  public Stream<InstanceInfo> stream() {
    return apps.values().stream().flatMap(instances -> instances.values().stream());
  }

  /** Returns the number of instances. */
  public int size() {
    return size;
  }

  /** Returns the version of the registry, or {@link #NO_VERSION}. */
  public long version() {
    return version;
  }

  /** Returns the {@code apps__hashcode} of this content (spec §4.4). */
  public String appsHashCode() {
    return AppsHashCode.of(statuses);
  }

  /** Returns the snapshot as a document of the protocol; O(n). */
  public Applications toApplications() {
    List<Application> documents = new ArrayList<>(apps.size());
    apps.forEach(
        (name, instances) -> documents.add(new Application(name, List.copyOf(instances.values()))));
    return new Applications("1", appsHashCode(), documents);
  }

  @Override
  public String toString() {
    return "RegistrySnapshot[size=" + size + ", version=" + version + ", " + appsHashCode() + "]";
  }

  TreePMap<String, TreePMap<String, InstanceInfo>> apps() {
    return apps;
  }

  TreePMap<String, TreePMap<InstanceKey, InstanceInfo>> vips() {
    return vips;
  }

  TreePMap<String, TreePMap<InstanceKey, InstanceInfo>> secureVips() {
    return secureVips;
  }

  /** Returns a mutable copy of the counts. */
  Map<InstanceStatus, Integer> statuses() {
    Map<InstanceStatus, Integer> snapshot = new EnumMap<>(InstanceStatus.class);
    snapshot.putAll(statuses);
    return snapshot;
  }

  private TreePMap<String, InstanceInfo> of(String app) {
    return orElse(apps.get(upper(app)), NO_INSTANCES);
  }

  private static TreePMap<InstanceKey, InstanceInfo> behind(
      String address, TreePMap<String, TreePMap<InstanceKey, InstanceInfo>> names) {
    return orElse(names.get(upper(address)), NO_TARGETS);
  }

  private static <T> T orElse(@Nullable T found, T none) {
    return found == null ? none : found;
  }

  private static List<InstanceInfo> filtered(
      Collection<InstanceInfo> instances, Predicate<InstanceInfo> filter) {
    return instances.stream().filter(filter).toList();
  }

  /** Returns a name in upper case, independent of the locale. */
  static String upper(String name) {
    return name.toUpperCase(Locale.ROOT);
  }
}
