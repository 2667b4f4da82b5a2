// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import io.systole.protocol.model.InstanceKey;
import io.systole.server.eviction.EvictionDecision;
import io.systole.server.eviction.Evictor;
import io.systole.server.eviction.QuantityText;
import io.systole.server.management.RemovalHistory.RemovalDescription;
import io.systole.server.registry.Change;
import io.systole.server.registry.LeaseDetails;
import io.systole.server.registry.LeaseInspector;
import io.systole.server.registry.Registry;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Explains the state of an instance, or its removal, in JSON. Thread-safe. */
final class InstanceExplainer {
  private final Registry registry;
  private final Evictor evictor;
  private final RemovalHistory history;

  InstanceExplainer(Registry registry, Evictor evictor, RemovalHistory history) {
    this.registry = registry;
    this.evictor = evictor;
    this.history = history;
  }

  /**
   * Returns the explanation, or null if the instance is unknown. Linear in the expired leases and
   * the retained changes; for an older removal, in the journal.
   */
  @Nullable
  ObjectNode explain(InstanceKey key) {
    LeaseInspector inspector = registry.inspector();
    // Decided before the lease is read: after a renewal in between, the lease is valid, not
    // unknown.
    EvictionDecision decision = evictor.decision();
    LeaseDetails lease = inspector.find(key);
    if (lease != null) {
      Change overrideChange = lease.override() == null
          ? null
          : inspector.lastChange(key, change -> change.cause() == Change.Cause.AMENDMENT);
      return new LeaseExplanation(
              inspector, evictor, decision, registry.settings().rules().isStrict())
          .toJson(lease, overrideChange);
    }
    Change removal = inspector.lastChange(key, Change::isRemoval);
    if (removal != null) {
      RemovalDescription removalDescription = new RemovalDescription(
          inspector.wallMsAt(removal.atNs()), removal.cause(), removal.origin());
      ObjectNode response = removed(key, removalDescription, "changes");
      response.put("status", removal.document().status().name());
      JsonResponses.putTimestamp(
          response, "registeredAt", removal.document().leaseInfo().registrationMs());
      return response;
    }
    RemovalDescription removalDescription = history.lastKnown(key);
    return removalDescription == null ? null : removed(key, removalDescription, "journal");
  }

  private static ObjectNode removed(
      InstanceKey key, RemovalDescription removalDescription, String source) {
    ObjectNode response = JsonResponses.object()
        .put("app", key.app())
        .put("id", key.id())
        .put("state", "removed")
        .put(
            "summary",
            "Removed at " + HumanText.timestamp(removalDescription.atMs()) + ": "
                + HumanText.removalReason(removalDescription.cause(), removalDescription.origin())
                + ".");
    JsonResponses.putTimestamp(response, "removedAt", removalDescription.atMs());
    return response
        .put("cause", HumanText.nameOf(removalDescription.cause()))
        .put("by", HumanText.nameOf(removalDescription.origin()))
        .put("source", source);
  }

  /** Returns sentences on an unknown instance. */
  String unknownReason(InstanceKey key) {
    int others = registry.leaseCounts().ofApp(key.app());
    String app = others == 0
        ? HumanText.unknownApplication(key.app()) + " "
        : "Application " + key.app() + " has " + QuantityText.count(others, "lease", "leases")
            + ", but none with this id; ids are case-sensitive. ";
    long reportedMs = registry.settings().deltaRetentionMs();
    return "There is no lease for this instance, and none was removed in the last "
        + QuantityText.duration(reportedMs) + " or by the last "
        + registry.settings().deltaChangesMax() + " changes. " + app
        + (history != RemovalHistory.NONE
            ? "The retained journal has no removal of it either."
            : "Without a data directory, older removals are unknown.");
  }
}
