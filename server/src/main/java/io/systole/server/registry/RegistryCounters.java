// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;

/** Counters of registrations, cancellations and evictions since the start. Thread-safe. */
public final class RegistryCounters {
  private final LongAdder[] registrations =
      Arrays.stream(RegisterOutcome.values()).map(any -> new LongAdder()).toArray(LongAdder[]::new);
  private final LongAdder cancellations = new LongAdder();
  private final LongAdder evictions = new LongAdder();

  RegistryCounters() {}

  RegisterOutcome addRegistration(RegisterOutcome outcome) {
    registrations[outcome.ordinal()].increment();
    return outcome;
  }

  void addCancellation() {
    cancellations.increment();
  }

  void addEvictions(long count) {
    evictions.add(count);
  }

  public long registrations() {
    return registrations(RegisterOutcome.REGISTERED);
  }

  /** Returns the registrations and metadata updates with this outcome. */
  public long registrations(RegisterOutcome outcome) {
    return registrations[outcome.ordinal()].sum();
  }

  public long cancellations() {
    return cancellations.sum();
  }

  public long evictions() {
    return evictions.sum();
  }
}
