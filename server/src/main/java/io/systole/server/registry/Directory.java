// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.Application;
import io.systole.protocol.model.AppsHashCode;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What readers see: the leases by application, the changes of late, the hash code. */
final class Directory {
  /*
   * The registry holds this object's monitor while it changes a lease and notes the change here. So
   * there is one order of all changes, and a cut taken under the monitor has body, delta and hash
   * code of the same moment. Renewals don't come here.
   *
   * An application that didn't change gives the same documents again; only the others are made anew.
   * A document's renewal stamp is that of the moment it was made, as in stock servers' caches.
   */
  private static final class Shelf {
    private final Map<String, InstanceInfo> instances = new LinkedHashMap<>();
    private @Nullable Application documents;

    Application documents(String app) {
      Application made = documents;
      if (made == null) {
        made = new Application(app, List.copyOf(instances.values()));
        documents = made;
      }
      return made;
    }
  }

  private final Map<String, Shelf> shelves = new LinkedHashMap<>();
  private final Map<InstanceStatus, Integer> statusCounts = new EnumMap<>(InstanceStatus.class);
  private final ChangeLog changes;
  private @Nullable RegistrySnapshot full;

  Directory(ChangeLog changes) {
    this.changes = changes;
  }

  /** Notes a change, which is the log's last. */
  void note(Change change) {
    InstanceInfo document = change.document();
    Shelf shelf = shelves.computeIfAbsent(document.app(), any -> new Shelf());
    InstanceInfo before = change.isRemoval()
        ? shelf.instances.remove(document.id())
        : shelf.instances.put(document.id(), document);
    shelf.documents = null;
    if (shelf.instances.isEmpty()) {
      shelves.remove(document.app());
    }
    count(before == null ? null : before.status(), -1);
    count(change.isRemoval() ? null : document.status(), 1);
    full = null;
  }

  private void count(@Nullable InstanceStatus status, int by) {
    if (status != null) {
      statusCounts.merge(status, by, Integer::sum);
    }
  }

  /** The newest change. */
  long version() {
    return changes.version();
  }

  /** Everything. */
  RegistrySnapshot full() {
    RegistrySnapshot made = full;
    if (made == null) {
      List<Application> applications = new ArrayList<>(shelves.size());
      shelves.forEach((app, shelf) -> applications.add(shelf.documents(app)));
      made = new RegistrySnapshot(changes.version(), AppsHashCode.of(statusCounts), applications);
      full = made;
    }
    return made;
  }

  /** What changed of late, with the hash code of everything. */
  RegistrySnapshot delta(long nowNs) {
    return new RegistrySnapshot(changes.version(), AppsHashCode.of(statusCounts), recent(nowNs));
  }

  private List<Application> recent(long nowNs) {
    changes.forget(nowNs);
    Map<String, Map<String, InstanceInfo>> apps = new LinkedHashMap<>();
    for (Change change = changes.oldest().next(); change != null; change = change.next()) {
      InstanceInfo document = change.document();
      Map<String, InstanceInfo> instances =
          apps.computeIfAbsent(document.app(), any -> new LinkedHashMap<>());
      instances.remove(document.id());
      instances.put(document.id(), document);
    }
    List<Application> recent = new ArrayList<>(apps.size());
    apps.forEach(
        (app, instances) -> recent.add(new Application(app, List.copyOf(instances.values()))));
    return recent;
  }

  /** One application; null when it has no instance. */
  @Nullable
  Application application(String app) {
    Shelf shelf = shelves.get(app);
    return shelf == null ? null : shelf.documents(app);
  }

  /** The key of the first instance of this id, in whatever application. */
  @Nullable
  InstanceKey firstOf(String id) {
    for (Map.Entry<String, Shelf> shelf : shelves.entrySet()) {
      if (shelf.getValue().instances.containsKey(id)) {
        return new InstanceKey(shelf.getKey(), id);
      }
    }
    return null;
  }
}
