// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.baseline;

import java.util.Locale;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Leases the ordinary way: a map of applications, each a map of instance ids, keyed by strings. */
public final class NestedMapRegistry {
  /** What a lease lasts for after its last renewal, in milliseconds: the protocol's default. */
  private static final long DURATION_MS = 90_000;

  private final ConcurrentHashMap<String, ConcurrentHashMap<String, NestedMapLease>> apps =
      new ConcurrentHashMap<>();
  private final LongAdder renewals = new LongAdder();

  /**
   * Creates or replaces the lease of an instance.
   *
   * @param app application name, any case
   * @param id instance id, case-sensitive
   * @param dirtyTimestampMs the instance's own version of its document, epoch ms
   */
  public void register(String app, String id, long dirtyTimestampMs) {
    apps.computeIfAbsent(upperCase(app), name -> new ConcurrentHashMap<>())
        .put(id, new NestedMapLease(dirtyTimestampMs, System.currentTimeMillis() + DURATION_MS));
  }

  /**
   * Renews the lease of an instance.
   *
   * @param dirtyTimestampMs what the client says it registered, or null if it does not say
   * @return whether the client still is what the registry knows; false asks it to register anew
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

  /** Ends the lease of an instance; false if there was none. */
  public boolean cancel(String app, String id) {
    ConcurrentHashMap<String, NestedMapLease> leases = apps.get(upperCase(app));
    return leases != null && leases.remove(id) != null;
  }

  /** Ends every lease whose deadline lies before {@code nowMs}, epoch ms. */
  public void evictExpired(long nowMs) {
    for (ConcurrentHashMap<String, NestedMapLease> leases : apps.values()) {
      leases.values().removeIf(lease -> lease.expiresAtMs < nowMs);
    }
  }

  /** Renewals so far. */
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
