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
 * What can happen to leases, whoever keeps them: the registry or the reference. Every answer has an
 * {@code equals}; equal answers of both are what is asked for.
 */
interface Lives {
  /** A change that readers are told. */
  record Told(
      Cause cause,
      Origin origin,
      InstanceInfo document,
      @Nullable InstanceStatus override) {}

  /** Takes over leases of an earlier run, before anything else happens. Readers are not told. */
  void restore(List<InstanceInfo> documents);

  Object register(InstanceInfo document, Origin origin);

  /** A heartbeat; what a peer says of its override is taken over if it is newer. */
  Object renew(InstanceKey key, long dirtyMs, Origin origin, InstanceStatus override);

  Object cancel(InstanceKey key, Origin origin);

  Object override(InstanceKey key, InstanceStatus status, long dirtyMs, Origin origin);

  Object lift(InstanceKey key, InstanceStatus status, long dirtyMs, Origin origin);

  Object addMetadata(InstanceKey key, String name, String value);

  /** Lets both clocks go on. */
  Object pass(long ns);

  /** Lets both clocks go on to so many ns after this lease's deadline, unless that is past. */
  Object passDeadline(InstanceKey key, long ns);

  /** Steps the wall clock. */
  Object stepWall(long ms);

  /** Ends a minute of counting renewals. */
  Object endMinute();

  Object recount();

  /** An eviction run. */
  Object evict();

  /** What readers were told since the last call. */
  List<Told> reported();

  /** What is known of an instance. */
  List<@Nullable Object> about(InstanceKey key);

  /** Numbers that may change with every step. */
  List<Object> numbers();

  /** Numbers and names that take a walk. */
  List<Object> everything();

  /** What readers of the full registry see: the hash code, and what each instance shows. */
  List<Object> full();

  /** What readers of the delta see, likewise. */
  List<Object> delta();

  /** What of an instance changes only where readers are told. */
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
