// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.server.cluster.group.MemberId;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The buckets to be requested from other members, and the requests under way. Guarded by the
 * registry's monitor.
 */
final class PullRequests {
  /** A bucket of a member. */
  record Source(MemberId member, int bucket) {}

  /**
   * A request under way.
   *
   * @param isRefused whether a record of the response did not fit
   */
  record Request(long id, Source source, long dueNs, boolean isRefused) {}

  /** The maximum of buckets to be requested; more are found again by the next digest. */
  static final int QUEUED_MAX = 4_096;

  /** The maximum of requests under way, which bounds the work of the responding member. */
  static final int OUTSTANDING_MAX = 8;

  /** The maximum silence of a member; then the requests to it are given up. */
  static final long TIMEOUT_NS = TimeUnit.SECONDS.toNanos(5);

  private final Set<Source> queued = new LinkedHashSet<>();
  private final Map<Long, Request> outstanding = new LinkedHashMap<>();
  private long lastId;

  /** Adds a bucket unless it is queued or requested already, or too many are. */
  void add(Source source) {
    boolean isRequested =
        outstanding.values().stream().anyMatch(each -> each.source().equals(source));
    if (!isRequested && queued.size() < QUEUED_MAX) {
      queued.add(source);
    }
  }

  /** Returns the next bucket to be requested now, or null. */
  @Nullable
  Source takeQueued() {
    if (outstanding.size() >= OUTSTANDING_MAX || queued.isEmpty()) {
      return null;
    }
    Iterator<Source> sources = queued.iterator();
    Source next = sources.next();
    sources.remove();
    return next;
  }

  /** Adds a request that is about to be sent, and returns its id. */
  long begin(Source source, long nowNs) {
    long id = ++lastId;
    outstanding.put(id, new Request(id, source, nowNs + TIMEOUT_NS, false));
    return id;
  }

  /**
   * Records a part of a response.
   *
   * @return the request, or null if it is not under way any more
   */
  @Nullable
  Request addPart(MemberId member, long id, boolean isRefused, boolean isLast, long nowNs) {
    Request request = outstanding.get(id);
    if (request == null || !request.source().member().equals(member)) {
      return null;
    }
    // The member serves its requests one after the other, so that later ones have to wait. One that
    // is passed over was lost, and becomes overdue.
    outstanding.replaceAll((other, each) -> other > id && each.source().member().equals(member)
        ? new Request(each.id(), each.source(), nowNs + TIMEOUT_NS, each.isRefused())
        : each);
    Request updated =
        new Request(id, request.source(), nowNs + TIMEOUT_NS, request.isRefused() || isRefused);
    if (isLast) {
      outstanding.remove(id);
    } else {
      outstanding.put(id, updated);
    }
    return updated;
  }

  /** Removes the requests without a response in time, and returns them. */
  List<Request> removeOverdue(long nowNs) {
    List<Request> overdue = new ArrayList<>();
    outstanding.values().removeIf(each -> nowNs - each.dueNs() >= 0 && overdue.add(each));
    return overdue;
  }

  /** Removes what is requested, or to be requested, from some members. */
  void removeIf(Predicate<MemberId> isRemoved) {
    queued.removeIf(each -> isRemoved.test(each.member()));
    outstanding.values().removeIf(each -> isRemoved.test(each.source().member()));
  }

  int queuedCount() {
    return queued.size();
  }

  int outstandingCount() {
    return outstanding.size();
  }
}
