// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.ActionType;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import org.jspecify.annotations.Nullable;

/**
 * What a lease is held for: the instance as registered, and the stamps of that registration.
 * Immutable; a change puts another one in its place.
 *
 * @param instance the document with its status resolved; its lease stamps are made on reading
 * @param override the status an operator insists on, null when nobody does
 * @param registeredMs wall clock of the registration, epoch ms
 * @param registeredNs monotonic clock of the same moment
 * @param serviceUpMs when the instance was first seen UP, epoch ms, 0 while it was not
 */
record Tenancy(
    InstanceInfo instance,
    @Nullable InstanceStatus override,
    long registeredMs,
    long registeredNs,
    long serviceUpMs) {

  /**
   * The same tenancy with its status replaced by what the rules make of it: a change of its own.
   */
  Tenancy withRuledStatus(long nowMs) {
    return changed(instance.toBuilder().status(ruledStatus()), override, nowMs);
  }

  /** The same tenancy without an override; the status stays what it was. */
  Tenancy withoutOverride() {
    return new Tenancy(
        instance.toBuilder().overriddenStatus(InstanceStatus.UNKNOWN).build(),
        null,
        registeredMs,
        registeredNs,
        serviceUpMs);
  }

  /**
   * The same tenancy under an override of which a peer told; the status follows with the next
   * renewal (spec §2.2 row 6).
   */
  Tenancy withOverride(InstanceStatus status) {
    return new Tenancy(
        instance.toBuilder().overriddenStatus(status).build(),
        status,
        registeredMs,
        registeredNs,
        serviceUpMs);
  }

  /**
   * The same tenancy with another status, and an override that insists on it or none (spec §3.4).
   *
   * @param dirtyMs replaces the instance's own version when it is newer
   */
  Tenancy withStatus(
      InstanceStatus status, @Nullable InstanceStatus insisted, long dirtyMs, long nowMs) {
    InstanceInfo.Builder next = instance.toBuilder()
        .status(status)
        .overriddenStatus(insisted == null ? InstanceStatus.UNKNOWN : insisted)
        .lastDirtyMs(Math.max(dirtyMs, instance.lastDirtyMs()));
    return changed(next, insisted, nowMs);
  }

  private Tenancy changed(
      InstanceInfo.Builder next, @Nullable InstanceStatus insisted, long nowMs) {
    InstanceInfo document =
        next.actionType(ActionType.MODIFIED).lastUpdatedMs(nowMs).build();
    boolean isFirstUp = serviceUpMs == 0 && document.status() == InstanceStatus.UP;
    return new Tenancy(
        document, insisted, registeredMs, registeredNs, isFirstUp ? nowMs : serviceUpMs);
  }

  /** The status that the rule chain gives for a renewal. */
  InstanceStatus ruledStatus() {
    return StatusRules.resolve(instance.status(), override, instance.status(), Origin.CLIENT);
  }
}
