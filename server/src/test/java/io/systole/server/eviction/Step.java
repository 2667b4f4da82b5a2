// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.registry.Origin;
import java.util.concurrent.TimeUnit;

/** An operation of a history, independent of the others, so that a history can be reduced. */
sealed interface Step {
  Object applyTo(LeaseOperations leases);

  /** Returns the instance concerned, or any. */
  InstanceKey key();

  record Register(InstanceInfo document, InstanceKey key, Origin origin) implements Step {
    @Override
    public Object applyTo(LeaseOperations leases) {
      return leases.register(document, origin);
    }

    @Override
    public String toString() {
      return "register %s by %s: %s, override %s, dirty %d, for %d s every %d s, %s"
          .formatted(
              key,
              origin,
              document.status(),
              document.overriddenStatus(),
              document.lastDirtyMs(),
              document.leaseInfo().durationSecs(),
              document.leaseInfo().renewalIntervalSecs(),
              document.metadata());
    }
  }

  record Renew(InstanceKey key, long dirtyMs, Origin origin, InstanceStatus override)
      implements Step {
    @Override
    public Object applyTo(LeaseOperations leases) {
      return leases.renew(key, dirtyMs, origin, override);
    }
  }

  record Cancel(InstanceKey key, Origin origin) implements Step {
    @Override
    public Object applyTo(LeaseOperations leases) {
      return leases.cancel(key, origin);
    }
  }

  record SetOverride(InstanceKey key, InstanceStatus status, long dirtyMs, Origin origin)
      implements Step {
    @Override
    public Object applyTo(LeaseOperations leases) {
      return leases.override(key, status, dirtyMs, origin);
    }
  }

  record RemoveOverride(InstanceKey key, InstanceStatus status, long dirtyMs, Origin origin)
      implements Step {
    @Override
    public Object applyTo(LeaseOperations leases) {
      return leases.removeOverride(key, status, dirtyMs, origin);
    }
  }

  record AddMetadata(InstanceKey key, String name, String value) implements Step {
    @Override
    public Object applyTo(LeaseOperations leases) {
      return leases.addMetadata(key, name, value);
    }
  }

  record Pass(InstanceKey key, long ns) implements Step {
    @Override
    public Object applyTo(LeaseOperations leases) {
      return leases.advance(ns);
    }

    @Override
    public String toString() {
      return "pass " + TimeUnit.NANOSECONDS.toMillis(ns) + " ms + " + ns % 1_000_000 + " ns";
    }
  }

  record PassDeadline(InstanceKey key, long ns) implements Step {
    @Override
    public Object applyTo(LeaseOperations leases) {
      return leases.advancePastDeadline(key, ns);
    }
  }

  record StepWall(InstanceKey key, long ms) implements Step {
    @Override
    public Object applyTo(LeaseOperations leases) {
      return leases.stepWall(ms);
    }
  }

  record EndMinute(InstanceKey key) implements Step {
    @Override
    public Object applyTo(LeaseOperations leases) {
      return leases.endMinute();
    }
  }

  record Recount(InstanceKey key) implements Step {
    @Override
    public Object applyTo(LeaseOperations leases) {
      return leases.recount();
    }
  }

  record Evict(InstanceKey key) implements Step {
    @Override
    public Object applyTo(LeaseOperations leases) {
      return leases.evict();
    }
  }
}
