// SPDX-License-Identifier: Apache-2.0
package io.systole.server.monitoring;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.systole.server.store.StoreCounters;
import io.systole.server.store.StoreHealth;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/** Publishes the counters of the store. */
public final class StoreMetrics implements MeterBinder {
  private final StoreCounters counters;
  private final StoreHealth health;

  public StoreMetrics(StoreCounters counters, StoreHealth health) {
    this.counters = counters;
    this.health = health;
  }

  @Override
  public void bindTo(MeterRegistry meters) {
    count(meters, "systole.store.records", "Changes journaled", StoreCounters::records);
    FunctionCounter.builder("systole.store.written", counters, StoreCounters::bytes)
        .baseUnit("bytes")
        .description("Bytes written to journals")
        .register(meters);
    time(
        meters,
        "systole.store.syncs",
        "Waits for written bytes to reach the disk",
        StoreCounters::syncs,
        StoreCounters::syncNs);
    time(
        meters,
        "systole.store.snapshots",
        "Snapshots written",
        StoreCounters::snapshots,
        StoreCounters::snapshotNs);
    Gauge.builder("systole.store.restored.leases", counters, StoreCounters::restoredLeases)
        .description("Leases restored from the data directory at the start")
        .register(meters);
    count(
        meters,
        "systole.store.records.skipped",
        "Changes replaced by a snapshot",
        StoreCounters::recordsSkipped);
    count(
        meters,
        "systole.store.records.omitted",
        "Records and leases omitted as too large",
        StoreCounters::recordsOmitted);
    count(
        meters,
        "systole.store.corrupt.ranges",
        "Unreadable ranges of files",
        StoreCounters::corruptRanges);
    count(meters, "systole.store.failures", "Failures to write", StoreCounters::failures);
    Gauge.builder("systole.store.lag.changes", health, StoreHealth::lagChanges)
        .description("Changes that no file contains yet")
        .register(meters);
    seconds(
        meters,
        "systole.store.lag",
        "Age of the oldest change that no file contains yet",
        StoreHealth::lagNs);
    seconds(
        meters,
        "systole.store.disk.operation",
        "Duration of the current disk operation",
        StoreHealth::operationNs);
    Gauge.builder("systole.store.degraded", health, each -> each.degradation() == null ? 0 : 1)
        .description("1 while changes are not persisted as configured")
        .register(meters);
  }

  private void count(
      MeterRegistry meters, String name, String what, ToDoubleFunction<StoreCounters> value) {
    FunctionCounter.builder(name, counters, value).description(what).register(meters);
  }

  private void seconds(
      MeterRegistry meters, String name, String what, ToLongFunction<StoreHealth> ns) {
    TimeGauge.builder(name, health, TimeUnit.NANOSECONDS, ns::applyAsLong)
        .description(what)
        .register(meters);
  }

  private void time(
      MeterRegistry meters,
      String name,
      String what,
      ToLongFunction<StoreCounters> times,
      ToDoubleFunction<StoreCounters> tookNs) {
    FunctionTimer.builder(name, counters, times, tookNs, TimeUnit.NANOSECONDS)
        .description(what)
        .register(meters);
  }
}
