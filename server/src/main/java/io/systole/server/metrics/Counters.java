// SPDX-License-Identifier: Apache-2.0
package io.systole.server.metrics;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/** What passes through the sockets, in striped adders. Any thread adds, any thread reads. */
public final class Counters {
  /** Why a connection ended at our wish. */
  public enum Closed {
    /** Nothing came for the idle time-out. */
    IDLE,
    /** A request took longer to arrive than the request time-out. */
    SLOW_REQUEST,
    /** Its answers were not read for the write time-out. */
    SLOW_READER,
    /** As many connections as may be were open, of all sources or of its own. */
    OVER_LIMIT
  }

  /** Why a request was denied by where it comes from, or by the host that it names. */
  public enum Denied {
    /** A browser reports that a page of another site or origin sent it. */
    CROSS_SITE,
    /** Its {@code Origin} is not the host that it is sent to. */
    FOREIGN_ORIGIN,
    /** Its {@code Host} is not one of those allowed. */
    UNKNOWN_HOST
  }

  /** A resource that all connections share. */
  public enum Resource {
    CONNECTIONS,
    BODIES,
    LONG_RESPONSES,
    STREAMS
  }

  /** A bound of a shared resource. */
  public enum Limit {
    /** What all sources together may hold. */
    TOTAL,
    /** What one source address may hold. */
    SOURCE
  }

  private final LongAdder connectionsOpen = new LongAdder();
  private final LongAdder connectionsAccepted = new LongAdder();
  private final LongAdder acceptsFailed = new LongAdder();
  private final LongAdder requests = new LongAdder();
  private final LongAdder bytesRead = new LongAdder();
  private final LongAdder bytesWritten = new LongAdder();
  private final LongAdder errors = new LongAdder();
  private final LongAdder workRefused = new LongAdder();
  private final LongAdder responsesRefused = new LongAdder();
  private final LongAdder[] closed = adders(Closed.values().length);
  private final LongAdder[] denied = adders(Denied.values().length);
  private final LongAdder[] exhausted = adders(Resource.values().length * Limit.values().length);

  /** By status of the refusal: a handful of keys, fixed by the grammar. */
  private final Map<Integer, LongAdder> refusals = new ConcurrentHashMap<>();

  private static LongAdder[] adders(int count) {
    return Stream.generate(LongAdder::new).limit(count).toArray(LongAdder[]::new);
  }

  public void connectionOpened() {
    connectionsAccepted.increment();
    connectionsOpen.increment();
  }

  /** Counts an accept that failed, e.g. for want of a file descriptor. */
  public void acceptFailed() {
    acceptsFailed.increment();
  }

  public void connectionEnded() {
    connectionsOpen.decrement();
  }

  public void connectionClosed(Closed reason) {
    closed[reason.ordinal()].increment();
  }

  public void read(int byteCount) {
    bytesRead.add(byteCount);
  }

  /** Adds the requests that one read brought. */
  public void requests(int count) {
    requests.add(count);
  }

  public void written(int byteCount) {
    bytesWritten.add(byteCount);
  }

  /** Counts bytes that were no request, by the status they were refused with. */
  public void refused(int status) {
    refusals.computeIfAbsent(status, any -> new LongAdder()).increment();
  }

  /** Counts a request that was denied before its endpoint saw it. */
  public void denied(Denied reason) {
    denied[reason.ordinal()].increment();
  }

  /** Counts what found a shared resource exhausted. */
  public void exhausted(Resource resource, Limit limit) {
    exhausted[indexOf(resource, limit)].increment();
  }

  private static int indexOf(Resource resource, Limit limit) {
    return resource.ordinal() * Limit.values().length + limit.ordinal();
  }

  /** Counts an endpoint that failed: a defect of ours. */
  public void failed() {
    errors.increment();
  }

  /** Counts a request that found the workers' queue full. */
  public void workRefused() {
    workRefused.increment();
  }

  /** Counts a long or endless answer that found as many under way as may be. */
  public void responseRefused() {
    responsesRefused.increment();
  }

  public long connectionsOpen() {
    return connectionsOpen.sum();
  }

  public long connectionsAccepted() {
    return connectionsAccepted.sum();
  }

  public long acceptFailures() {
    return acceptsFailed.sum();
  }

  public long connectionsClosed(Closed reason) {
    return closed[reason.ordinal()].sum();
  }

  public long denials(Denied reason) {
    return denied[reason.ordinal()].sum();
  }

  public long exhaustions(Resource resource, Limit limit) {
    return exhausted[indexOf(resource, limit)].sum();
  }

  public long requests() {
    return requests.sum();
  }

  public long bytesRead() {
    return bytesRead.sum();
  }

  public long bytesWritten() {
    return bytesWritten.sum();
  }

  public long errors() {
    return errors.sum();
  }

  public long workRefusals() {
    return workRefused.sum();
  }

  public long responseRefusals() {
    return responsesRefused.sum();
  }

  /** Refusals so far by status, in the order of statuses. */
  public Map<Integer, Long> refusals() {
    Map<Integer, Long> sums = new TreeMap<>();
    refusals.forEach((status, count) -> sums.put(status, count.sum()));
    return sums;
  }

  /** Refusals with this status so far. */
  public long refusals(int status) {
    LongAdder count = refusals.get(status);
    return count == null ? 0 : count.sum();
  }
}
