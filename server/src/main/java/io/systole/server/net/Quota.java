// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.systole.server.metrics.Counters.Limit;
import io.systole.server.metrics.Counters.Resource;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The bounds of a resource that all connections share: how much is held in total, and how much by
 * one source. Any thread reserves and releases.
 */
final class Quota {
  /*
   * A source is in the map while it holds something: `compute` and `computeIfPresent` add to, take
   * from and remove one entry atomically. So there are never more entries than units reserved, plus
   * one for each thread that has yet to see that the total is reached. The total is raised only
   * after the source's share was, and both are released in any order: each bound holds by itself
   * at every moment, and a refused attempt may only make a concurrent one be refused.
   */

  private final Resource resource;
  private final long max;
  private final long sourceMax;
  private final AtomicLong held = new AtomicLong();
  private final ConcurrentHashMap<SourceAddress, Long> heldBySource = new ConcurrentHashMap<>();

  /**
   * @param max units held by all sources, 1 or more
   * @param sourceMax units held by one source, 1..max
   */
  Quota(Resource resource, long max, long sourceMax) {
    this.resource = resource;
    this.max = max;
    this.sourceMax = sourceMax;
  }

  /**
   * Reserves so much more for a source.
   *
   * @param amount 0 or more
   * @return null, or the limit that would be exceeded; then nothing was reserved
   */
  @Nullable
  Limit reserve(SourceAddress source, long amount) {
    boolean[] isWithin = {false};
    heldBySource.compute(source, (key, before) -> {
      long after = (before == null ? 0 : before) + amount;
      isWithin[0] = after <= sourceMax;
      return isWithin[0] ? Long.valueOf(after) : before;
    });
    if (!isWithin[0]) {
      return Limit.SOURCE;
    }
    if (held.addAndGet(amount) > max) {
      release(source, amount);
      return Limit.TOTAL;
    }
    return null;
  }

  /** Returns what was reserved, in whole or in part. */
  void release(SourceAddress source, long amount) {
    held.addAndGet(-amount);
    heldBySource.computeIfPresent(
        source, (key, before) -> before > amount ? Long.valueOf(before - amount) : null);
  }

  Resource resource() {
    return resource;
  }

  long held() {
    return held.get();
  }

  /** How many sources hold something. */
  int sourceCount() {
    return heldBySource.size();
  }
}
