// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.DataCenterInfo;
import io.systole.protocol.model.InstanceInfo;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** How many leases stand, by application and by zone, and how often they mean to be renewed. */
public final class LeaseCounts {
  /*
   * Written under the registrar's monitor, read by anyone: each number is one of a moment, several
   * numbers may be of several moments. Applications and zones without a lease are not kept, so there
   * are never more than leases.
   */

  private static final double MICROS = 1e6;

  private final Map<String, AtomicInteger> apps = new ConcurrentHashMap<>();
  private final Map<String, AtomicInteger> zones = new ConcurrentHashMap<>();

  /** Millionths of renewals a minute: whole numbers, so that what was added can be taken away. */
  private final AtomicLong renewalMicros = new AtomicLong();

  LeaseCounts() {}

  /** The zone in which an instance says it runs; empty when it doesn't say. */
  public static String zoneOf(InstanceInfo instance) {
    String zone = instance.metadata().get("zone");
    DataCenterInfo dataCenter = instance.dataCenterInfo();
    if (zone == null && dataCenter != null) {
      zone = dataCenter.metadata().get("availability-zone");
    }
    return zone == null ? "" : zone;
  }

  void add(InstanceInfo instance) {
    count(instance, 1);
    expected(instance, 1);
  }

  /** Counts a lease that nobody expects to be renewed yet. */
  void addUnexpected(InstanceInfo instance) {
    count(instance, 1);
  }

  /** Counts the renewals of a lease that was not expected to be renewed before. */
  void expect(InstanceInfo instance) {
    expected(instance, 1);
  }

  void remove(InstanceInfo instance) {
    removeUnexpected(instance);
    expected(instance, -1);
  }

  /** Counts off a lease that nobody expected to be renewed. */
  void removeUnexpected(InstanceInfo instance) {
    count(instance, -1);
  }

  private void count(InstanceInfo instance, int by) {
    count(apps, instance.app(), by);
    count(zones, zoneOf(instance), by);
  }

  private void expected(InstanceInfo instance, int by) {
    renewalMicros.addAndGet(by * (long) (60 * MICROS / instance.leaseInfo().renewalIntervalSecs()));
  }

  private static void count(Map<String, AtomicInteger> counts, String name, int by) {
    AtomicInteger held = counts.get(name);
    if (held == null) {
      counts.put(name, new AtomicInteger(by));
    } else if (held.addAndGet(by) == 0) {
      counts.remove(name);
    }
  }

  private static int of(Map<String, AtomicInteger> counts, String name) {
    AtomicInteger held = counts.get(name);
    return held == null ? 0 : held.get();
  }

  /** Leases of an application, upper case. */
  public int ofApp(String app) {
    return of(apps, app);
  }

  /** Leases of a zone; those of the empty one tell none. */
  public int ofZone(String zone) {
    return of(zones, zone);
  }

  /**
   * Renewals that the leases promise, by the intervals that they state; without those of restored
   * leases that have not been renewed since.
   */
  public double renewalsPerMinute() {
    return renewalMicros.get() / MICROS;
  }
}
