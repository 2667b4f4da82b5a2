// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.DataCenterInfo;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToIntFunction;

/** The number of leases by application, zone and status, and their expected rate of renewals. */
public final class LeaseCounts {
  /*
   * Written under the writer's monitor, read by any thread. Each number is consistent in itself;
   * several numbers may be of different points in time. Applications and zones without a lease have
   * no entry, so there are never more entries than leases.
   */

  /**
   * The numbers of leases at a point in time.
   *
   * @param leases all
   * @param ofApp of an application, upper case
   * @param ofZone of a zone
   */
  public record Population(int leases, ToIntFunction<String> ofApp, ToIntFunction<String> ofZone) {}

  private static final double MICROS = 1e6;

  private final Map<String, AtomicInteger> apps = new ConcurrentHashMap<>();
  private final Map<String, AtomicInteger> zones = new ConcurrentHashMap<>();
  private final AtomicIntegerArray statuses =
      new AtomicIntegerArray(InstanceStatus.values().length);

  /** Renewals per minute in millionths: integers, so that subtraction is exact. */
  private final AtomicLong renewalMicros = new AtomicLong();

  LeaseCounts() {}

  /** Returns the zone of an instance by its metadata, or an empty string. */
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

  /** Counts a lease whose renewals are not expected yet. */
  void addUnexpected(InstanceInfo instance) {
    count(instance, 1);
  }

  /** Adds the renewals of a lease that was counted without them. */
  void expect(InstanceInfo instance) {
    expected(instance, 1);
  }

  void remove(InstanceInfo instance) {
    removeUnexpected(instance);
    expected(instance, -1);
  }

  /** Subtracts a lease whose renewals were not expected. */
  void removeUnexpected(InstanceInfo instance) {
    count(instance, -1);
  }

  private void count(InstanceInfo instance, int by) {
    count(apps, instance.app(), by);
    count(zones, zoneOf(instance), by);
    statuses.addAndGet(instance.status().ordinal(), by);
  }

  /** Counts a lease under another status. */
  void changeStatus(InstanceStatus before, InstanceStatus after) {
    statuses.decrementAndGet(before.ordinal());
    statuses.incrementAndGet(after.ordinal());
  }

  private void expected(InstanceInfo instance, int by) {
    renewalMicros.addAndGet(by * (long) (60 * MICROS / instance.leaseInfo().renewalIntervalSecs()));
  }

  private static void count(Map<String, AtomicInteger> counts, String name, int by) {
    AtomicInteger count = counts.get(name);
    if (count == null) {
      counts.put(name, new AtomicInteger(by));
    } else if (count.addAndGet(by) == 0) {
      counts.remove(name);
    }
  }

  private static int of(Map<String, AtomicInteger> counts, String name) {
    AtomicInteger count = counts.get(name);
    return count == null ? 0 : count.get();
  }

  /** Returns the number of applications with a lease. */
  public int appCount() {
    return apps.size();
  }

  /** Returns the leases of instances with this status. */
  public int ofStatus(InstanceStatus status) {
    return statuses.get(status.ordinal());
  }

  /** Returns the leases of an application, upper case. */
  public int ofApp(String app) {
    return of(apps, app);
  }

  /** Returns the leases of a zone; the empty one is that of instances without a zone. */
  public int ofZone(String zone) {
    return of(zones, zone);
  }

  /**
   * Returns the expected renewals by the intervals that the instances specify, without restored
   * leases that have not been renewed since.
   */
  public double renewalsPerMinute() {
    return renewalMicros.get() / MICROS;
  }
}
