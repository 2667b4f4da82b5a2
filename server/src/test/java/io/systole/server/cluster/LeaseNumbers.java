// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.protocol.model.InstanceKey;
import io.systole.server.cluster.message.LeaseId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Verifies that a member gives the number of a lease to another one only after the quarantine. */
final class LeaseNumbers {
  /** Releases are observed late. */
  private static final long OBSERVATION_MS = 5_000;

  private static final long QUARANTINE_MS =
      TimeUnit.NANOSECONDS.toMillis(NumberAllocator.QUARANTINE_NS) - OBSERVATION_MS;

  /** The last lease of a number, and when it was last observed to have it. */
  private record Use(InstanceKey key, long lastMs) {}

  private final Map<SimulatedMember, Map<Integer, Use>> uses = new HashMap<>();

  /** Observes the id of a lease at its owner. */
  void observe(SimulatedMember member, InstanceKey key, @Nullable LeaseId id, long nowMs) {
    if (id == null || id.owner() != member.group.self().epoch()) {
      return;
    }
    Use before =
        uses.computeIfAbsent(member, any -> new HashMap<>()).put(id.number(), new Use(key, nowMs));
    if (before != null && !before.key.equals(key) && nowMs - before.lastMs < QUARANTINE_MS) {
      throw new AssertionError("number " + id.number() + " of " + member + " is that of " + key
          + " " + (nowMs - before.lastMs) + " ms after " + before.key);
    }
  }

  /** Drops the numbers of members that have ended. */
  void retain(List<SimulatedMember> members) {
    uses.keySet().retainAll(members);
  }
}
