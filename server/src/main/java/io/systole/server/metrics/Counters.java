// SPDX-License-Identifier: Apache-2.0
package io.systole.server.metrics;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/** Counters of connections, requests and bytes, as striped adders. Thread-safe. */
public final class Counters {
  /** The reason why the server closed a connection. */
  public enum Closed {
    /** No input within the idle timeout. */
    IDLE,
    /** An incomplete request after the request timeout. */
    SLOW_REQUEST,
    /** Unread responses after the write timeout. */
    SLOW_READER,
    /** The quota of open connections was exhausted. */
    OVER_LIMIT,
    /** Too many TLS records without application data. */
    EMPTY_TLS_RECORDS,
    /** Unread responses when the quota of unsent bytes was exhausted. */
    UNSENT_LIMIT
  }

  /** The reason why the access policy denied a request. */
  public enum Denied {
    /** {@code Sec-Fetch-Site} names another site or origin. */
    CROSS_SITE,
    /** {@code Origin} differs from the requested host. */
    FOREIGN_ORIGIN,
    /** {@code Host} is not an allowed one. */
    UNKNOWN_HOST,
    /** The source of a replication request is not an allowed peer. */
    UNKNOWN_PEER
  }

  /** A resource shared by all connections. */
  public enum Resource {
    CONNECTIONS,
    BODIES,
    LONG_RESPONSES,
    STREAMS,
    /** Incomplete ClientHellos. */
    CLIENT_HELLOS,
    HANDSHAKES,
    UNSENT_BYTES
  }

  /** The reason why a request was refused for its sender. */
  public enum AuthFailure {
    /** Neither an Authorization field nor a client certificate. */
    MISSING,
    /** The Authorization field is repeated, too long, or not of a known scheme. */
    MALFORMED,
    /** The password is wrong, or the user unknown. */
    WRONG_PASSWORD,
    UNKNOWN_TOKEN,
    /** The client certificate is trusted, but its name is not in the credentials file. */
    UNKNOWN_CERTIFICATE,
    /** Too many passwords wait to be compared. */
    OVERLOADED,
    /** Too many passwords of the source were wrong. */
    RATE_LIMITED,
    /** The sender lacks the role. */
    ROLE,
    /** The sender is bound to other applications. */
    APPLICATION
  }

  /** The reason why an item of a peer's batch was refused, while the rest of it was applied. */
  public enum ItemRefusal {
    /** The sender is bound to other applications. */
    APPLICATION,
    /** The item lacks a member that its action requires, or the action is unknown. */
    INCOMPLETE,
    /** The document of a registration is invalid. */
    INVALID
  }

  /** The outcome of a TLS handshake. */
  public enum Handshake {
    COMPLETED,
    /**
     * Protocol, cipher suite or certificate was not acceptable to either side, or bytes invalid.
     */
    FAILED,
    TIMED_OUT,
    /** The first byte was not that of TLS, as in plain HTTP. */
    NOT_TLS,
    /** The client began another handshake on its connection. */
    RENEGOTIATED,
    /** The client had not continued it when another handshake needed its slot. */
    DROPPED
  }

  /** A limit of a shared resource. */
  public enum Limit {
    /** The limit of all sources together. */
    TOTAL,
    /** The limit of one source address. */
    SOURCE
  }

  /** The reason why a request was not admitted. */
  public enum Overload {
    /** The iterations of the event loop take too long. */
    LOOP_LAG,
    /** Too many tasks are queued for the event loop. */
    LOOP_QUEUE,
    /** Too many requests are queued for a worker pool. */
    WORKER_QUEUE,
    /** The credential has sent more requests of the class than one may. */
    CREDENTIAL_RATE
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
  private final LongAdder passwordsCompared = new LongAdder();
  private final LongAdder[] authFailures = adders(AuthFailure.values().length);
  private final LongAdder[] itemRefusals = adders(ItemRefusal.values().length);
  private final LongAdder[] handshakes = adders(Handshake.values().length);
  private final LongAdder[] exhausted = adders(Resource.values().length * Limit.values().length);

  private final LongAdder[] overloaded =
      adders(RequestClass.values().length * Overload.values().length);

  /** Refusals by status; the parser produces only a few statuses. */
  private final Map<Integer, LongAdder> refusals = new ConcurrentHashMap<>();

  private static LongAdder[] adders(int count) {
    return Stream.generate(LongAdder::new).limit(count).toArray(LongAdder[]::new);
  }

  public void connectionOpened() {
    connectionsAccepted.increment();
    connectionsOpen.increment();
  }

  /** Counts a failed accept, e.g. for lack of a file descriptor. */
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

  /** Adds the requests begun in one read. */
  public void requests(int count) {
    requests.add(count);
  }

  public void written(int byteCount) {
    bytesWritten.add(byteCount);
  }

  /** Counts malformed input by the status of the refusal. */
  public void refused(int status) {
    refusals.computeIfAbsent(status, any -> new LongAdder()).increment();
  }

  /** Counts a request that the access policy denied. */
  public void denied(Denied reason) {
    denied[reason.ordinal()].increment();
  }

  /** Counts an attempt that found a shared resource exhausted. */
  public void exhausted(Resource resource, Limit limit) {
    exhausted[indexOf(resource, limit)].increment();
  }

  /** Counts a request refused for its sender. */
  public void authFailed(AuthFailure reason) {
    authFailures[reason.ordinal()].increment();
  }

  /** Counts a password compared with its hash. */
  public void passwordCompared() {
    passwordsCompared.increment();
  }

  /** Counts a refused item of a batch. */
  public void itemRefused(ItemRefusal reason) {
    itemRefusals[reason.ordinal()].increment();
  }

  /** Counts a TLS handshake, or what was received instead of one. */
  public void handshake(Handshake outcome) {
    handshakes[outcome.ordinal()].increment();
  }

  private static int indexOf(Resource resource, Limit limit) {
    return resource.ordinal() * Limit.values().length + limit.ordinal();
  }

  /** Counts a request that was not admitted. */
  public void overloaded(RequestClass requestClass, Overload reason) {
    overloaded[indexOf(requestClass, reason)].increment();
  }

  private static int indexOf(RequestClass requestClass, Overload reason) {
    return requestClass.ordinal() * Overload.values().length + reason.ordinal();
  }

  /** Counts an internal error. */
  public void failed() {
    errors.increment();
  }

  /** Counts a request that found the queue of a worker pool full. */
  public void workRefused() {
    workRefused.increment();
  }

  /** Counts a streamed response that found its quota exhausted. */
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

  public long authFailures(AuthFailure reason) {
    return authFailures[reason.ordinal()].sum();
  }

  public long passwordComparisons() {
    return passwordsCompared.sum();
  }

  public long itemRefusals(ItemRefusal reason) {
    return itemRefusals[reason.ordinal()].sum();
  }

  public long handshakes(Handshake outcome) {
    return handshakes[outcome.ordinal()].sum();
  }

  public long overloadRefusals(RequestClass requestClass, Overload reason) {
    return overloaded[indexOf(requestClass, reason)].sum();
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

  /** Returns the refusals of malformed input by status, in ascending order. */
  public Map<Integer, Long> refusals() {
    Map<Integer, Long> sums = new TreeMap<>();
    refusals.forEach((status, count) -> sums.put(status, count.sum()));
    return sums;
  }

  /** Returns the refusals of malformed input with this status. */
  public long refusals(int status) {
    LongAdder count = refusals.get(status);
    return count == null ? 0 : count.sum();
  }
}
