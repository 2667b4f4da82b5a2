// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.ActionType;
import io.systole.protocol.model.Application;
import io.systole.protocol.model.AppsHashCode;
import io.systole.protocol.model.InstanceInfo;
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
    private final Map<String, Lease> leases = new LinkedHashMap<>();
    private @Nullable Application documents;

    Application documents(String app) {
      Application made = documents;
      if (made == null) {
        made =
            new Application(app, leases.values().stream().map(Lease::document).toList());
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

  /**
   * Notes that a lease was registered or its document changed.
   *
   * @param before the status it counted with, null for a new one
   */
  void put(Lease lease, @Nullable InstanceStatus before, long nowNs) {
    InstanceInfo document = lease.document();
    Shelf shelf = shelves.computeIfAbsent(document.app(), any -> new Shelf());
    shelf.leases.put(document.id(), lease);
    shelf.documents = null;
    count(before, -1);
    count(document.status(), 1);
    publish(document, nowNs);
  }

  /** Notes that a lease has ended; nothing if another one stands for its instance by now. */
  @SuppressWarnings("ReferenceEquality") // leases of one key are equal, and only this one may go
  void remove(Lease lease, long nowMs, long nowNs) {
    InstanceInfo document = lease.document();
    Shelf shelf = shelves.get(document.app());
    if (shelf == null || shelf.leases.get(document.id()) != lease) {
      return;
    }
    shelf.leases.remove(document.id());
    shelf.documents = null;
    if (shelf.leases.isEmpty()) {
      shelves.remove(document.app());
    }
    count(document.status(), -1);
    publish(ended(document, nowMs), nowNs);
  }

  private static InstanceInfo ended(InstanceInfo document, long nowMs) {
    return document.toBuilder()
        .actionType(ActionType.DELETED)
        .lastUpdatedMs(nowMs)
        .leaseInfo(document.leaseInfo().evictedAt(nowMs))
        .build();
  }

  private void publish(InstanceInfo document, long nowNs) {
    changes.append(document, nowNs);
    full = null;
  }

  private void count(@Nullable InstanceStatus status, int by) {
    if (status != null) {
      statusCounts.merge(status, by, Integer::sum);
    }
  }

  /** How many changes there ever were. */
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
    return new RegistrySnapshot(
        changes.version(), AppsHashCode.of(statusCounts), changes.recent(nowNs));
  }

  /** One application; null when it has no instance. */
  @Nullable
  Application application(String app) {
    Shelf shelf = shelves.get(app);
    return shelf == null ? null : shelf.documents(app);
  }

  /** The first lease that is held for this instance id, in whatever application. */
  @Nullable
  Lease firstOf(String id) {
    for (Shelf shelf : shelves.values()) {
      Lease lease = shelf.leases.get(id);
      if (lease != null) {
        return lease;
      }
    }
    return null;
  }
}
