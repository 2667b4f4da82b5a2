// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The estimated memory of the leases, and its limits. */
final class LeaseBytes {
  /* Guarded by the writer's monitor. Any thread may read the total. */

  /**
   * The estimated bytes of a lease without its text: itself, its holder, the document, the lease
   * timestamps, and its entries in the table, the slots, the timer wheel and the response cache.
   */
  static final int LEASE_BYTES = 448 + LeaseIndex.BYTES_PER_LEASE;

  private static final long TEXT_COPIES = 5;

  /** The bytes of a VIP address, besides the first, in the index of the response cache. */
  private static final long VIP_BYTES = 128;

  /**
   * The maximum length of application and id together, in characters. Tombstones and recent events
   * are bounded by number, so a key must be small. It fits a request's target.
   */
  static final int KEY_CHARS_MAX = 1024;

  private static final Logger LOG = LoggerFactory.getLogger(LeaseBytes.class);

  private ByteBounds bounds;
  private final AtomicLong total = new AtomicLong();
  private boolean isRefusing;

  LeaseBytes(ByteBounds bounds) {
    this.bounds = bounds;
  }

  /**
   * Returns the estimated maximum of bytes of a lease for this document. The text counts five
   * times: in the document, and in the five encodings of it that the response cache may hold, in
   * each of which incompressible text takes nearly as much again. Short VIP addresses take more in
   * their index than in the text.
   */
  static long of(InstanceInfo instance) {
    long furtherVips = commas(instance.vipAddress()) + commas(instance.secureVipAddress());
    return LEASE_BYTES + TEXT_COPIES * instance.sizeBytes() + VIP_BYTES * furtherVips;
  }

  private static long commas(@Nullable String vips) {
    return vips == null ? 0 : vips.chars().filter(each -> each == ',').count();
  }

  /** Replaces the limits; leases over them stay. */
  void limit(ByteBounds next) {
    bounds = next;
  }

  long total() {
    return total.get();
  }

  /** Counts a new lease. */
  void add(InstanceInfo instance) {
    total.addAndGet(of(instance));
  }

  /** Subtracts a removed lease. */
  void remove(InstanceInfo instance) {
    total.addAndGet(-of(instance));
  }

  /** Returns whether a document or its key is too large, unless the stored one is no smaller. */
  boolean isTooLarge(InstanceInfo next, @Nullable InstanceInfo stored) {
    if (stored != null) {
      return isTooLarge(next) && next.sizeBytes() > stored.sizeBytes();
    }
    InstanceKey key = next.key();
    return isTooLarge(next) || key.app().length() + key.id().length() > KEY_CHARS_MAX;
  }

  boolean isTooLarge(InstanceInfo instance) {
    return instance.sizeBytes() > bounds.instanceMax();
  }

  /** Returns whether a document may replace the stored one; a smaller one always may. */
  boolean fits(InstanceInfo next, @Nullable InstanceInfo stored) {
    long growth = of(next) - (stored == null ? 0 : of(stored));
    boolean isFitting = growth <= 0 || growth <= bounds.registryMax() - total();
    updateRefusing(!isFitting);
    return isFitting;
  }

  /** Logs the changes of state, with a hysteresis of 5 % so that the log is not flooded. */
  private void updateRefusing(boolean isRefusal) {
    if (isRefusal && !isRefusing) {
      isRefusing = true;
      LOG.warn(
          "registrations that need memory are refused bytes={} --max-registry-size={}B",
          total(),
          bounds.registryMax());
    } else if (!isRefusal && isRefusing && total() < bounds.registryMax() / 20 * 19) {
      isRefusing = false;
      LOG.warn("registrations that need memory are accepted again bytes={}", total());
    }
  }
}
