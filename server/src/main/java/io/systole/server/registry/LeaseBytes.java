// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The estimated bytes that the leases take, and whether one more document fits. */
final class LeaseBytes {
  /*
   * Written under the registrar's monitor. Any thread reads the total.
   */

  /**
   * An estimate of what a lease takes whatever its text: itself, what it is held for, the document,
   * its lease stamps, its entries in the table, the slots, the expiry wheel and the views.
   */
  static final int LEASE_BYTES = 448;

  private static final long TEXT_COPIES = 3;

  /**
   * The longest application and id together, in characters. What is remembered of instances that
   * are gone is bounded by their number, so a key must be small. It fits a request's target.
   */
  static final int KEY_CHARS_MAX = 1024;

  private static final Logger LOG = LoggerFactory.getLogger(LeaseBytes.class);

  private final ByteBounds bounds;
  private final AtomicLong total = new AtomicLong();
  private boolean isRefusing;

  LeaseBytes(ByteBounds bounds) {
    this.bounds = bounds;
  }

  /**
   * The most bytes that a lease for this document is estimated to take. The text counts three
   * times: as it is held, and as it is cached in JSON and in XML, where text that doesn't compress
   * takes nearly as much as before.
   */
  static long of(InstanceInfo instance) {
    return LEASE_BYTES + TEXT_COPIES * instance.sizeBytes();
  }

  long total() {
    return total.get();
  }

  /** Counts a lease that joined. */
  void add(InstanceInfo instance) {
    total.addAndGet(of(instance));
  }

  /** Counts off a lease that left. */
  void remove(InstanceInfo instance) {
    total.addAndGet(-of(instance));
  }

  /** Whether a document or its key is too large, unless the held one is no smaller. */
  boolean isTooLarge(InstanceInfo next, @Nullable InstanceInfo held) {
    if (held != null) {
      return isTooLarge(next) && next.sizeBytes() > held.sizeBytes();
    }
    InstanceKey key = next.key();
    return isTooLarge(next) || key.app().length() + key.id().length() > KEY_CHARS_MAX;
  }

  boolean isTooLarge(InstanceInfo instance) {
    return instance.sizeBytes() > bounds.instanceMax();
  }

  /** Whether there is room for a document in the place of the held one; what shrinks fits. */
  boolean fits(InstanceInfo next, @Nullable InstanceInfo held) {
    long growth = of(next) - (held == null ? 0 : of(held));
    boolean isFitting = growth <= 0 || growth <= bounds.registryMax() - total();
    updateRefusing(!isFitting);
    return isFitting;
  }

  /** Ends the refusals only when a twentieth is free, so that the log isn't filled at the edge. */
  private void updateRefusing(boolean isRefusal) {
    if (isRefusal && !isRefusing) {
      isRefusing = true;
      LOG.warn(
          "registrations that take room are refused bytes={} --max-registry-bytes={}",
          total(),
          bounds.registryMax());
    } else if (!isRefusal && isRefusing && total() < bounds.registryMax() / 20 * 19) {
      isRefusing = false;
      LOG.warn("registrations that take room are accepted again bytes={}", total());
    }
  }
}
