// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.ActionType;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.model.LeaseInfo;
import io.systole.protocol.time.Clock;
import io.systole.server.registry.StatusRules.StatusDecision;
import org.jspecify.annotations.Nullable;

/**
 * The instance that a lease is held for. Immutable; a change replaces it.
 *
 * @param instance the published document: its status resolved, its lease timestamps as of the last
 *     change
 * @param override the status override, or null
 * @param registeredNs the time of the document's registration timestamp, monotonic
 * @param statusRule the rule that resolved the status
 */
record LeaseHolder(
    InstanceInfo instance,
    @Nullable InstanceStatus override,
    long registeredNs,
    StatusRule statusRule) {

  /** A holder restored from an earlier run, whose status rule is not persisted but derived. */
  LeaseHolder(InstanceInfo instance, @Nullable InstanceStatus override, long registeredNs) {
    this(
        instance,
        override,
        registeredNs,
        restoredRule(resolve(instance, override).rule()));
  }

  /**
   * Returns the holder after a registration: steps 2 and 6 to 9 of spec §3.2.
   *
   * @param existing the holder of the existing lease, or null
   */
  static LeaseHolder registered(
      InstanceInfo incoming, @Nullable LeaseHolder existing, Origin origin, Clock clock) {
    long nowMs = clock.wallMs();
    InstanceInfo registrant = incoming;
    if (existing != null && existing.instance().lastDirtyMs() > incoming.lastDirtyMs()) {
      // A delayed older document restarts the lease with its own duration; the newer one is kept.
      registrant = existing.instance();
    }
    InstanceStatus override = existing == null ? null : existing.override();
    if (override == null && registrant.overriddenStatus() != InstanceStatus.UNKNOWN) {
      override = registrant.overriddenStatus();
    }
    InstanceStatus existingStatus =
        existing == null ? null : existing.instance().status();
    StatusDecision decision =
        StatusRules.resolve(registrant.status(), override, existingStatus, origin);
    InstanceStatus status = decision.status();
    long serviceUpMs = existing == null ? 0 : existing.serviceUpMs();
    if (serviceUpMs == 0 && status == InstanceStatus.UP) {
      serviceUpMs = nowMs;
    }
    InstanceInfo instance = registrant.toBuilder()
        .status(status)
        .overriddenStatus(override == null ? registrant.overriddenStatus() : override)
        // Set by a server for itself only (spec §3.2).
        .isCoordinatingDiscoveryServer(false)
        .actionType(ActionType.ADDED)
        .lastUpdatedMs(nowMs)
        .leaseInfo(new LeaseInfo(
            registrant.leaseInfo().renewalIntervalSecs(),
            registrant.leaseInfo().durationSecs(),
            nowMs,
            nowMs,
            0,
            serviceUpMs))
        .build();
    return new LeaseHolder(instance, override, clock.monotonicNs(), decision.rule());
  }

  /**
   * Returns the holder of a lease that another member of the cluster sent.
   *
   * @param document its status as the member that accepted it has resolved it
   */
  static LeaseHolder merged(
      InstanceInfo document, @Nullable InstanceStatus override, long registeredNs) {
    StatusDecision decision = decideMerged(document, override);
    InstanceInfo instance = document.toBuilder()
        .status(decision.status())
        .overriddenStatus(override == null ? InstanceStatus.UNKNOWN : override)
        .actionType(ActionType.ADDED)
        .build();
    return new LeaseHolder(instance, override, registeredNs, decision.rule());
  }

  /**
   * Decides the status of a merged document. If its status is that of an override that does not
   * exist any more, the status that the instance reports is unknown: with UNKNOWN its next renewal
   * makes it register again.
   */
  private static StatusDecision decideMerged(
      InstanceInfo document, @Nullable InstanceStatus override) {
    boolean isOverridden = document.overriddenStatus() != InstanceStatus.UNKNOWN
        && document.overriddenStatus() == document.status();
    if (override == null && isOverridden) {
      return new StatusDecision(StatusRule.OVERRIDE_LIFTED, InstanceStatus.UNKNOWN);
    }
    return StatusRules.resolve(document.status(), override, null, Origin.MEMBER);
  }

  /** Returns whether another holder differs at most in the last renewal. */
  boolean isEqualButRenewal(LeaseHolder other) {
    InstanceInfo theirs = other.instance();
    return override == other.override()
        && theirs.lastUpdatedMs() == instance.lastUpdatedMs()
        && theirs.toBuilder()
            .actionType(instance.actionType())
            .leaseInfo(theirs.leaseInfo().renewedAt(instance.leaseInfo().lastRenewalMs()))
            .build()
            .equals(instance);
  }

  /** Returns whether another holder differs at most as after changes of the override. */
  boolean isSameRegistration(LeaseHolder other) {
    InstanceInfo theirs = other.instance();
    LeaseInfo lease =
        theirs.leaseInfo().renewedAt(instance.leaseInfo().lastRenewalMs()).upSince(serviceUpMs());
    return theirs.toBuilder()
        .status(instance.status())
        .overriddenStatus(instance.overriddenStatus())
        .actionType(instance.actionType())
        .lastUpdatedMs(instance.lastUpdatedMs())
        .lastDirtyMs(instance.lastDirtyMs())
        .leaseInfo(lease)
        .build()
        .equals(instance);
  }

  private static StatusRule restoredRule(StatusRule ruled) {
    return ruled == StatusRule.LEASE_EXISTS ? StatusRule.RESTORED : ruled;
  }

  /** Returns a copy with the status resolved by the rules, modified now. */
  LeaseHolder withResolvedStatus(long nowMs) {
    StatusDecision decision = resolve(instance, override);
    return changed(
        instance.toBuilder().status(decision.status()), override, nowMs, decision.rule());
  }

  /** Returns a copy without an override; the status is unchanged. */
  LeaseHolder withoutOverride() {
    return new LeaseHolder(
        instance.toBuilder().overriddenStatus(InstanceStatus.UNKNOWN).build(),
        null,
        registeredNs,
        statusRule);
  }

  /**
   * Returns a copy with an override reported by a peer; the next renewal applies it to the status
   * (spec §2.2 row 6).
   */
  LeaseHolder withOverride(InstanceStatus status) {
    return new LeaseHolder(
        instance.toBuilder().overriddenStatus(status).build(), status, registeredNs, statusRule);
  }

  /**
   * Returns a copy with another status and override (spec §3.4).
   *
   * @param dirtyMs replaces the instance's dirty timestamp if it is newer
   */
  LeaseHolder withStatus(
      InstanceStatus status, @Nullable InstanceStatus overridden, long dirtyMs, long nowMs) {
    InstanceInfo.Builder next = instance.toBuilder()
        .status(status)
        .overriddenStatus(overridden == null ? InstanceStatus.UNKNOWN : overridden)
        .lastDirtyMs(Math.max(dirtyMs, instance.lastDirtyMs()));
    StatusRule rule = overridden == null ? StatusRule.OVERRIDE_LIFTED : StatusRule.OVERRIDE_EXISTS;
    return changed(next, overridden, nowMs, rule);
  }

  private LeaseHolder changed(
      InstanceInfo.Builder next, @Nullable InstanceStatus overridden, long nowMs, StatusRule rule) {
    InstanceInfo document =
        next.actionType(ActionType.MODIFIED).lastUpdatedMs(nowMs).build();
    if (serviceUpMs() == 0 && document.status() == InstanceStatus.UP) {
      document =
          document.toBuilder().leaseInfo(document.leaseInfo().upSince(nowMs)).build();
    }
    return new LeaseHolder(document, overridden, registeredNs, rule);
  }

  /** Returns a copy whose document has the time of the last renewal. */
  LeaseHolder renewedAt(long lastRenewalMs) {
    LeaseInfo stamped = instance.leaseInfo().renewedAt(lastRenewalMs);
    return new LeaseHolder(
        instance.toBuilder().leaseInfo(stamped).build(), override, registeredNs, statusRule);
  }

  /** Returns a copy whose document is marked as deleted, with the time of its end. */
  LeaseHolder ended(long nowMs) {
    InstanceInfo document = instance.toBuilder()
        .actionType(ActionType.DELETED)
        .lastUpdatedMs(nowMs)
        .leaseInfo(instance.leaseInfo().evictedAt(nowMs))
        .build();
    return new LeaseHolder(document, override, registeredNs, statusRule);
  }

  /** Returns the time at which the instance was first UP, epoch ms, or 0. */
  long serviceUpMs() {
    return instance.leaseInfo().serviceUpMs();
  }

  /** Returns the status that the rule chain resolves at a renewal. */
  InstanceStatus resolvedStatus() {
    return resolve(instance, override).status();
  }

  private static StatusDecision resolve(InstanceInfo instance, @Nullable InstanceStatus override) {
    return StatusRules.resolve(instance.status(), override, instance.status(), Origin.CLIENT);
  }
}
