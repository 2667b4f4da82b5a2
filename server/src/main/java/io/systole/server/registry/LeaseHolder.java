// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.ActionType;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.model.LeaseInfo;
import io.systole.server.registry.StatusRules.StatusDecision;
import org.jspecify.annotations.Nullable;

/**
 * What a lease is held for. Immutable; a change puts another one in its place.
 *
 * @param instance the document as lists show it: its status resolved, the stamps of its lease as of
 *     the last change
 * @param override the status an operator insists on, null when nobody does
 * @param registeredNs monotonic clock of the moment of the document's registration stamp
 * @param statusRule what gave the document its status
 */
record LeaseHolder(
    InstanceInfo instance,
    @Nullable InstanceStatus override,
    long registeredNs,
    StatusRule statusRule) {

  /** With a status that an earlier run gave: the rule of it is not kept, unless it shows. */
  LeaseHolder(InstanceInfo instance, @Nullable InstanceStatus override, long registeredNs) {
    this(
        instance,
        override,
        registeredNs,
        restoredRule(resolve(instance, override).rule()));
  }

  private static StatusRule restoredRule(StatusRule ruled) {
    return ruled == StatusRule.LEASE_EXISTS ? StatusRule.RESTORED : ruled;
  }

  /**
   * The same tenancy with its status replaced by what the rules make of it: a change of its own.
   */
  LeaseHolder withResolvedStatus(long nowMs) {
    StatusDecision ruling = resolve(instance, override);
    return changed(instance.toBuilder().status(ruling.status()), override, nowMs, ruling.rule());
  }

  /** The same tenancy without an override; the status stays what it was. */
  LeaseHolder withoutOverride() {
    return new LeaseHolder(
        instance.toBuilder().overriddenStatus(InstanceStatus.UNKNOWN).build(),
        null,
        registeredNs,
        statusRule);
  }

  /**
   * The same tenancy under an override of which a peer told; the status follows with the next
   * renewal (spec §2.2 row 6).
   */
  LeaseHolder withOverride(InstanceStatus status) {
    return new LeaseHolder(
        instance.toBuilder().overriddenStatus(status).build(), status, registeredNs, statusRule);
  }

  /**
   * The same tenancy with another status, and an override that insists on it or none (spec §3.4).
   *
   * @param dirtyMs replaces the instance's own version when it is newer
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

  /** The same tenancy, its document stamped with its last renewal. */
  LeaseHolder renewedAt(long lastRenewalMs) {
    LeaseInfo stamped = instance.leaseInfo().renewedAt(lastRenewalMs);
    return new LeaseHolder(
        instance.toBuilder().leaseInfo(stamped).build(), override, registeredNs, statusRule);
  }

  /** The same tenancy, its document stamped with its end. */
  LeaseHolder ended(long nowMs) {
    InstanceInfo document = instance.toBuilder()
        .actionType(ActionType.DELETED)
        .lastUpdatedMs(nowMs)
        .leaseInfo(instance.leaseInfo().evictedAt(nowMs))
        .build();
    return new LeaseHolder(document, override, registeredNs, statusRule);
  }

  /** When the instance was first seen UP, epoch ms; 0 while it was not. */
  long serviceUpMs() {
    return instance.leaseInfo().serviceUpMs();
  }

  /** The status that the rule chain gives for a renewal. */
  InstanceStatus resolvedStatus() {
    return resolve(instance, override).status();
  }

  private static StatusDecision resolve(InstanceInfo instance, @Nullable InstanceStatus override) {
    return StatusRules.resolve(instance.status(), override, instance.status(), Origin.CLIENT);
  }
}
