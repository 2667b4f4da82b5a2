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
 * The buckets to be requested from other members, and the outstanding requests. Guarded by the
 * registry's monitor.
 */
final class PullRequests {
  /** A bucket of a member. */
  record Source(MemberId member, int bucket) {}

  /**
   * An outstanding request.
   *
   * @param deadlineNs when it times out, monotonic
   * @param isRefused whether the registry refused a record of the response
   */
  record Request(long id, Source source, long deadlineNs, boolean isRefused) {}

  /** The maximum number of queued buckets; the next digest finds others again. */
  static final int QUEUED_MAX = 4_096;

  /** The maximum number of outstanding requests, which bounds the work of the responding member. */
  static final int OUTSTANDING_MAX = 8;

  /** The timeout of a request, since it was sent or the member sent any part of a response. */
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

  /** Removes and returns the next bucket to request; null if none is queued or may be requested. */
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
   * @return the request, or null if it is not outstanding any more
   */
  @Nullable
  Request addPart(MemberId member, long id, boolean isRefused, boolean isLast, long nowNs) {
    Request request = outstanding.get(id);
    if (request == null || !request.source().member().equals(member)) {
      return null;
    }
    // The member serves requests in order, so the timeouts of later ones begin again. An earlier
    // one that was skipped is lost, and times out.
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

  /** Removes and returns the requests that have timed out. */
  List<Request> removeTimedOut(long nowNs) {
    List<Request> timedOut = new ArrayList<>();
    outstanding.values().removeIf(each -> nowNs - each.deadlineNs() >= 0 && timedOut.add(each));
    return timedOut;
  }

  /** Removes the queued buckets and outstanding requests of some members. */
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
