// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;

/** Counters of registry operations since the start. Thread-safe. */
public final class RegistryCounters {
  private final LongAdder[] renewals =
      Arrays.stream(RenewOutcome.values()).map(any -> new LongAdder()).toArray(LongAdder[]::new);
  private final LongAdder[] registrations =
      Arrays.stream(RegisterOutcome.values()).map(any -> new LongAdder()).toArray(LongAdder[]::new);
  private final LongAdder cancellations = new LongAdder();
  private final LongAdder evictions = new LongAdder();

  RegistryCounters() {}

  RenewOutcome addRenewal(RenewOutcome outcome) {
    renewals[outcome.ordinal()].increment();
    return outcome;
  }

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

  /** Returns the heartbeats with this outcome. */
  public long renewals(RenewOutcome outcome) {
    return renewals[outcome.ordinal()].sum();
  }

  /** Returns the heartbeats that renewed a lease, regardless of the response (spec §3.5). */
  public long renewals() {
    long sum = 0;
    for (RenewOutcome outcome : RenewOutcome.values()) {
      if (outcome.isRenewal()) {
        sum += renewals(outcome);
      }
    }
    return sum;
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
