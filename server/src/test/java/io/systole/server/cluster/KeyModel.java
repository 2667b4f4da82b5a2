// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.registry.PersistedLease;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The model of one key: the leases that members have promised, the stamps they have held, and the
 * content of the changes that they have acknowledged.
 */
final class KeyModel {
  /**
   * A tombstone is observed later than it is made, at most by the interval of checks and a step.
   */
  private static final long TOMBSTONE_OBSERVED_MS = SimulatedMember.TOMBSTONE_MS - 5_000;

  private record Promise(long untilNs, KeyState state) {}

  /** The leases that a member must not evict, since the member that renewed them has departed. */
  private final Map<SimulatedMember, Long> extendedToNs = new HashMap<>();

  /** What a member had last, and since when. */
  private record Held(KeyState state, long sinceMs) {}

  /** The parts of a document that only its own changes set. */
  private record Content(long dirtyMs, Map<String, String> metadata) {}

  private record MainStamp(long rank, long hlc, long owner) {}

  private record OverrideStamp(long hlc, long member) {}

  final SimulatedClient client;
  private final Map<SimulatedMember, Promise> promises = new HashMap<>();
  private final Map<SimulatedMember, Held> held = new HashMap<>();
  private final Map<MainStamp, Content> contents = new HashMap<>();
  private final Map<OverrideStamp, String> overrides = new HashMap<>();
  private @Nullable KeyState lastRemoval;
  private long lastPromiseNs;

  KeyModel(SimulatedClient client) {
    this.client = client;
  }

  long lastPromiseNs() {
    return lastPromiseNs;
  }

  void promise(SimulatedMember member, long untilNs) {
    KeyState state = Objects.requireNonNull(MemberState.of(member, client.key));
    promises.put(member, new Promise(untilNs, state));
    lastPromiseNs = Math.max(lastPromiseNs, untilNs);
  }

  boolean isWithinDuration(SimulatedMember member, long nowNs) {
    Promise promise = promises.get(member);
    return promise != null && promise.untilNs >= nowNs;
  }

  void remove(KeyState tombstone) {
    if (KeyState.compare(tombstone, lastRemoval) > 0) {
      lastRemoval = tombstone;
    }
  }

  /** A promised lease is removed only by a later cancel. */
  void verifyRemoval(SimulatedMember member, long atNs) {
    Promise promise = promises.remove(member);
    if (promise != null
        && promise.untilNs >= atNs
        && KeyState.compare(lastRemoval, promise.state) <= 0) {
      throw new AssertionError(
          "lease of " + client + " removed at " + member + " though it was promised for another "
              + TimeUnit.NANOSECONDS.toMillis(promise.untilNs - atNs) + " ms with "
              + promise.state + "; it has " + MemberState.of(member, client.key));
    }
  }

  void extend(SimulatedMember member, long toNs) {
    extendedToNs.put(member, toNs);
  }

  /** A member evicts no lease of a member in its view, and none that a departure has extended. */
  void verifyEviction(SimulatedMember member, long atNs, List<SimulatedMember> others) {
    Long toNs = extendedToNs.remove(member);
    if (toNs != null && toNs >= atNs) {
      throw new AssertionError("lease of " + client + " evicted at " + member
          + " less than a duration after the departure of the member that renewed it");
    }
    Held before = held.get(member);
    for (SimulatedMember other : others) {
      if (before != null
          && before.state.isLive()
          && other != member
          && other.group.self().epoch() == before.state.owner()
          && member.group.view().members().contains(other.group.self())) {
        throw new AssertionError(
            "lease of " + client + " evicted at " + member + ", owned by " + other);
      }
    }
  }

  /** Drops what members held that have ended. */
  void retain(List<SimulatedMember> members) {
    if (held.size() > members.size()) {
      held.keySet().retainAll(members);
      promises.keySet().retainAll(members);
      extendedToNs.keySet().retainAll(members);
    }
  }

  /** A stamp at a member never decreases, except when a tombstone ends. */
  void hold(SimulatedMember member, @Nullable KeyState state, long nowMs) {
    Held before = held.get(member);
    if (before == null) {
      if (state != null) {
        held.put(member, new Held(state, nowMs));
      }
      return;
    }
    boolean isEnded = !before.state.isLive() && nowMs - before.sinceMs >= TOMBSTONE_OBSERVED_MS;
    if (KeyState.compare(state, before.state) < 0 && !isEnded) {
      throw new AssertionError("stamp of " + client + " at " + member + " goes back from "
          + before.state + " to " + state);
    }
    if (state == null) {
      held.remove(member);
    } else if (!state.equals(before.state)) {
      held.put(member, new Held(state, nowMs));
    }
  }

  /** Returns whether a member has held the same lease for a while. */
  boolean isHeldSince(SimulatedMember member, long untilMs) {
    Held last = held.get(member);
    return last != null && last.state.isLive() && last.sinceMs <= untilMs;
  }

  void issue(KeyState state, PersistedLease lease) {
    MainStamp stamp = new MainStamp(state.rank(), state.hlc(), state.owner());
    Content issued = contentOf(lease.instance());
    Content before = contents.putIfAbsent(stamp, issued);
    if (before != null && !before.equals(issued)) {
      throw new AssertionError(
          client + " has two contents with " + state + ": " + before + " and " + issued);
    }
    overrides.put(
        new OverrideStamp(state.overrideHlc(), state.overrideMember()), nameOf(lease.override()));
  }

  /** Returns whether the content of the stamp is known; it is the right one then. */
  boolean verifyIssued(KeyState state, PersistedLease lease) {
    Content issued = contents.get(new MainStamp(state.rank(), state.hlc(), state.owner()));
    Content actual = contentOf(lease.instance());
    if (issued != null && !issued.equals(actual)) {
      throw new AssertionError(
          client + " has " + actual + " with " + state + " instead of " + issued);
    }
    String override = overrides.get(new OverrideStamp(state.overrideHlc(), state.overrideMember()));
    if (override != null && !override.equals(nameOf(lease.override()))) {
      throw new AssertionError(client + " has the override " + lease.override() + " with " + state
          + " instead of " + override);
    }
    return issued != null;
  }

  private static Content contentOf(InstanceInfo instance) {
    return new Content(instance.lastDirtyMs(), Map.copyOf(instance.metadata()));
  }

  private static String nameOf(@Nullable InstanceStatus override) {
    return override == null ? "none" : override.name();
  }
}
