// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.registry.Origin;
import java.util.concurrent.TimeUnit;

/** An operation of a history, independent of the others, so that a history can be reduced. */
sealed interface Step {
  Object applyTo(LeaseOperations lives);

  /** Returns the instance concerned, or any. */
  InstanceKey key();

  record Register(InstanceInfo document, InstanceKey key, Origin origin) implements Step {
    @Override
    public Object applyTo(LeaseOperations lives) {
      return lives.register(document, origin);
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
    public Object applyTo(LeaseOperations lives) {
      return lives.renew(key, dirtyMs, origin, override);
    }
  }

  record Cancel(InstanceKey key, Origin origin) implements Step {
    @Override
    public Object applyTo(LeaseOperations lives) {
      return lives.cancel(key, origin);
    }
  }

  record SetOverride(InstanceKey key, InstanceStatus status, long dirtyMs, Origin origin)
      implements Step {
    @Override
    public Object applyTo(LeaseOperations lives) {
      return lives.override(key, status, dirtyMs, origin);
    }
  }

  record Lift(InstanceKey key, InstanceStatus status, long dirtyMs, Origin origin) implements Step {
    @Override
    public Object applyTo(LeaseOperations lives) {
      return lives.lift(key, status, dirtyMs, origin);
    }
  }

  record AddMetadata(InstanceKey key, String name, String value) implements Step {
    @Override
    public Object applyTo(LeaseOperations lives) {
      return lives.addMetadata(key, name, value);
    }
  }

  record Pass(InstanceKey key, long ns) implements Step {
    @Override
    public Object applyTo(LeaseOperations lives) {
      return lives.advance(ns);
    }

    @Override
    public String toString() {
      return "pass " + TimeUnit.NANOSECONDS.toMillis(ns) + " ms + " + ns % 1_000_000 + " ns";
    }
  }

  record PassDeadline(InstanceKey key, long ns) implements Step {
    @Override
    public Object applyTo(LeaseOperations lives) {
      return lives.advancePastDeadline(key, ns);
    }
  }

  record StepWall(InstanceKey key, long ms) implements Step {
    @Override
    public Object applyTo(LeaseOperations lives) {
      return lives.stepWall(ms);
    }
  }

  record EndMinute(InstanceKey key) implements Step {
    @Override
    public Object applyTo(LeaseOperations lives) {
      return lives.endMinute();
    }
  }

  record Recount(InstanceKey key) implements Step {
    @Override
    public Object applyTo(LeaseOperations lives) {
      return lives.recount();
    }
  }

  record Evict(InstanceKey key) implements Step {
    @Override
    public Object applyTo(LeaseOperations lives) {
      return lives.evict();
    }
  }
}
