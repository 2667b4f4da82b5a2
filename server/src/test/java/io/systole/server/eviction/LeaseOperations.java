// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import static java.util.Objects.requireNonNull;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.registry.Change.Cause;
import io.systole.server.registry.Origin;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The operations on leases, implemented by the registry and by the reference. Results are compared
 * by {@code equals}.
 */
interface LeaseOperations {
  /** A change published to readers. */
  record PublishedChange(
      Cause cause,
      Origin origin,
      InstanceInfo document,
      @Nullable InstanceStatus override) {}

  /** Restores leases of an earlier run, before any other operation. Not published to readers. */
  void restore(List<InstanceInfo> documents);

  Object register(InstanceInfo document, Origin origin);

  /** Renews a lease; adopts the override of a newer peer. */
  Object renew(InstanceKey key, long dirtyMs, Origin origin, InstanceStatus override);

  Object cancel(InstanceKey key, Origin origin);

  Object override(InstanceKey key, InstanceStatus status, long dirtyMs, Origin origin);

  Object removeOverride(InstanceKey key, InstanceStatus status, long dirtyMs, Origin origin);

  Object addMetadata(InstanceKey key, String name, String value);

  /** Advances both clocks. */
  Object advance(long ns);

  /** Advances both clocks to {@code ns} after this lease's deadline, unless that is past. */
  Object advancePastDeadline(InstanceKey key, long ns);

  /** Steps the wall clock. */
  Object stepWall(long ms);

  /** Ends a minute of counting renewals. */
  Object endMinute();

  Object recount();

  /** Runs an eviction. */
  Object evict();

  /** Returns the changes published since the last call. */
  List<PublishedChange> reported();

  /** Returns the state of an instance. */
  List<@Nullable Object> stateOf(InstanceKey key);

  /** Returns the numbers that may change with every step. */
  List<Object> numbers();

  /** Returns the state that requires an iteration over all leases. */
  List<Object> everything();

  /** Returns the full registry: the hash code, and the shown fields of each instance. */
  List<Object> full();

  /** Returns the delta, likewise. */
  List<Object> delta();

  /** Returns the fields of an instance that change only with a published change. */
  static List<Object> shown(InstanceInfo document) {
    return List.of(
        document.status(),
        document.overriddenStatus(),
        document.lastDirtyMs(),
        document.lastUpdatedMs(),
        document.metadata(),
        requireNonNull(document.actionType()));
  }
}
