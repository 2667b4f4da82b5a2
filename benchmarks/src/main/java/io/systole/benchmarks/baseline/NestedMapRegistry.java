// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.baseline;

import java.util.Locale;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The baseline registry: a map of applications, each a map of leases by instance id, keyed by
 * strings.
 */
public final class NestedMapRegistry {
  /** Duration of a lease, the default of the protocol. */
  private static final long DURATION_MS = 90_000;

  private final ConcurrentHashMap<String, ConcurrentHashMap<String, NestedMapLease>> apps =
      new ConcurrentHashMap<>();
  private final LongAdder renewals = new LongAdder();

  /**
   * Creates or replaces the lease of an instance.
   *
   * @param app application name, any case
   * @param id instance id, case-sensitive
   * @param dirtyTimestampMs version of the document, set by the instance, epoch ms
   */
  public void register(String app, String id, long dirtyTimestampMs) {
    apps.computeIfAbsent(upperCase(app), name -> new ConcurrentHashMap<>())
        .put(id, new NestedMapLease(dirtyTimestampMs, System.currentTimeMillis() + DURATION_MS));
  }

  /**
   * Renews the lease of an instance.
   *
   * @param dirtyTimestampMs of the document that the client registered, or null if absent
   * @return whether the registry has that document; if false, the client must register again
   */
  public boolean renew(String app, String id, @Nullable Long dirtyTimestampMs) {
    ConcurrentHashMap<String, NestedMapLease> leases = apps.get(upperCase(app));
    NestedMapLease lease = leases == null ? null : leases.get(id);
    if (lease == null) {
      return false;
    }
    lease.expiresAtMs = System.currentTimeMillis() + DURATION_MS;
    renewals.increment();
    return dirtyTimestampMs == null || dirtyTimestampMs <= lease.dirtyTimestampMs;
  }

  /** Cancels the lease of an instance; returns false if there was none. */
  public boolean cancel(String app, String id) {
    ConcurrentHashMap<String, NestedMapLease> leases = apps.get(upperCase(app));
    return leases != null && leases.remove(id) != null;
  }

  /** Evicts every lease whose deadline is before {@code nowMs}, epoch ms. */
  public void evictExpired(long nowMs) {
    for (ConcurrentHashMap<String, NestedMapLease> leases : apps.values()) {
      leases.values().removeIf(lease -> lease.expiresAtMs < nowMs);
    }
  }

  /** Returns the number of renewals. */
  public long renewals() {
    return renewals.sum();
  }

  private static String upperCase(String app) {
    return app.toUpperCase(Locale.ROOT);
  }

  private static final class NestedMapLease {
    final long dirtyTimestampMs;
    volatile long expiresAtMs;

    NestedMapLease(long dirtyTimestampMs, long expiresAtMs) {
      this.dirtyTimestampMs = dirtyTimestampMs;
      this.expiresAtMs = expiresAtMs;
    }
  }
}
