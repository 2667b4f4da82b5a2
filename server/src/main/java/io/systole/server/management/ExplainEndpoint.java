// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import io.systole.protocol.model.InstanceKey;
import io.systole.server.eviction.Evictor;
import io.systole.server.eviction.Judgement;
import io.systole.server.registry.Change;
import io.systole.server.registry.Inspection;
import io.systole.server.registry.LeaseRecord;
import io.systole.server.registry.Registry;
import io.systole.server.route.Endpoint;
import io.systole.server.route.Reply;
import io.systole.server.route.Request;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.node.ObjectNode;

/**
 * Why an instance is still there, or how it went: {@code GET /systole/explain/{app}/{id}}. Costs
 * what has expired and what the change log tells; for one who went long ago, a walk of the journal.
 */
public final class ExplainEndpoint implements Endpoint {
  private final Registry registry;
  private final Evictor evictor;
  private final Memory memory;

  public ExplainEndpoint(Registry registry, Evictor evictor, Memory memory) {
    this.registry = registry;
    this.evictor = evictor;
    this.memory = memory;
  }

  @Override
  public Reply handle(Request request) {
    InstanceKey key = new InstanceKey(request.variable("app"), request.variable("id"));
    Inspection inspection = registry.inspection();
    // Judged before the lease is looked at: a renewal in between makes it valid, not unheard of.
    Judgement judgement = evictor.judgement();
    LeaseRecord lease = inspection.of(key);
    if (lease != null) {
      Change insisting = lease.override() == null
          ? null
          : inspection.lastChange(key, change -> change.cause() == Change.Cause.AMENDMENT);
      return Documents.ok(new LeaseStory(
              inspection, evictor, judgement, registry.settings().rules().isStrict())
          .tell(lease, insisting));
    }
    Change removal = inspection.lastChange(key, Change::isRemoval);
    if (removal != null) {
      Departure departure =
          new Departure(inspection.wallMsAt(removal.atNs()), removal.cause(), removal.origin());
      return Documents.ok(gone(key, departure, "changes")
          .put("status", removal.document().status().name())
          .put("registrationMs", removal.document().leaseInfo().registrationMs()));
    }
    Departure departure = memory.lastKnown(key);
    return departure == null
        ? Documents.refusal(404, nothingKnown(key))
        : Documents.ok(gone(key, departure, "journal"));
  }

  private static ObjectNode gone(InstanceKey key, Departure departure, String source) {
    ObjectNode answer = Documents.object()
        .put("app", key.app())
        .put("id", key.id())
        .put("state", "gone")
        .put(
            "summary",
            "It is gone since " + Words.moment(departure.atMs()) + ": "
                + Words.ending(departure.cause(), departure.origin()) + ".");
    Documents.putMoment(answer, "goneAt", departure.atMs());
    return answer
        .put("cause", Words.nameOf(departure.cause()))
        .put("by", Words.nameOf(departure.origin()))
        .put("source", source);
  }

  private String nothingKnown(InstanceKey key) {
    int others = registry.census().ofApp(key.app());
    String app = others == 0
        ? "Application " + key.app() + " has no lease at all. "
        : "Application " + key.app() + " has " + Words.count(others, "lease", "leases")
            + ", none of this id; ids are case-sensitive. ";
    long toldMs = registry.settings().deltaRetentionMs();
    return "No lease is held for this instance, and none ended in the last "
        + Words.span(toldMs) + ", or among the last "
        + registry.settings().deltaChangesMax() + " changes. " + app
        + (memory != Memory.NONE
            ? "The journal, as far back as it is kept, doesn't know of its end either."
            : "Without a data directory nothing older is known.");
  }

  /** Whole milliseconds of a span. */
  static long ms(long ns) {
    return TimeUnit.NANOSECONDS.toMillis(ns);
  }
}
