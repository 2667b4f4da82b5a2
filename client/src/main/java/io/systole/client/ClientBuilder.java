// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import io.systole.client.api.HeartbeatListener;
import io.systole.client.api.RegistrationListener;
import io.systole.client.api.TlsFiles;
import io.systole.client.net.Durations;
import io.systole.client.net.HostLookup;
import io.systole.client.net.LocalAddresses;
import io.systole.protocol.time.Clock;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A builder of {@link HeartbeatClient}. Only the servers have no default. Not thread-safe.
 *
 * <p>Each method throws {@link NullPointerException} if its argument is null and
 * {@link IllegalArgumentException} if it is out of range; the message contains the option and its
 * range.
 */
public final class ClientBuilder {
  private static final int LOOPS_MAX = 64;
  private static final int COUNT_MAX = 65_536;

  /** More than the ports of one address, since there may be several local addresses. */
  private static final int CONNECTIONS_MAX = 1_000_000;

  private static final int LOCAL_ADDRESSES_MAX = 1_024;
  private static final int RATE_MAX = 1_000_000;
  private static final int DELAY_MS_MAX = 3_600_000;
  private static final int BULK_WINDOW_MS_MAX = 60_000;
  private static final int RESPONSE_BODY_BYTES_LIMIT = 16 << 20;

  private final ZoneList zones = new ZoneList();
  private int loops = 1;
  private int connections = 8;
  private int inFlightMax = 64;
  private int changesInFlightMax = 64;
  private int changesPerSecMax = 1_000;
  private int retryMinMs = 1_000;
  private int retryMaxMs = 30_000;
  private int beatsPerWriteMax = 64;
  private Arrivals arrivals = Arrivals.TICKS;
  private boolean hasConnectionPerInstance;
  private int intervalMs;
  private int jitterMs;
  private int responseTimeoutMs = 5_000;
  private int connectTimeoutMs = 3_000;
  private int reconnectMinMs = 100;
  private int reconnectMaxMs = 10_000;
  private int closeTimeoutMs = 5_000;
  private int responseBodyBytesMax = 65_536;
  private boolean cancelOnClose = true;
  private @Nullable RegistrationListener listener;
  private int overdueMax = 3;
  private int refusalsMax = 3;
  private int returnDelayMs = 30_000;
  private int retryAfterMsMax = 30_000;
  private boolean isRetryAfterPerInstance;
  private int connectionAgeMsMax;
  private boolean retryHeartbeats = true;
  private boolean isServerPerLoop;
  private int memberIntervalMs = 30_000;
  private int bulkWindowMs;
  private TlsFiles tls = TlsFiles.NONE;
  private Clock clock = Clock.SYSTEM;
  private HostLookup hostLookup = HostLookup.SYSTEM;
  private List<InetAddress> localAddresses = List.of();
  private boolean resumesTls = true;
  private Supplier<? extends HeartbeatListener> observers = () -> HeartbeatListener.NONE;

  /** Creates a builder with the defaults. */
  public ClientBuilder() {}

  /**
   * Sets the only server, {@code http[s]://[user:password@]host[:port]/base}.
   *
   * @throws IllegalArgumentException if it is not such a URL
   */
  public ClientBuilder server(URI server) {
    Objects.requireNonNull(server, "server");
    return servers(List.of(server));
  }

  /**
   * Sets servers of equal preference and removes all others. Each event loop uses one of them and
   * fails over to the next in its own random order.
   *
   * @param servers 1..64 in total, each once
   * @throws IllegalArgumentException if one is not a service URL
   */
  public ClientBuilder servers(List<URI> servers) {
    zones.replace(servers);
    return this;
  }

  /**
   * Adds a zone of servers, less preferred than those added before. A client that had to leave a
   * zone returns once the zone is available again.
   *
   * @param name for logs and {@link ClientState}
   * @param servers 1..64 in all zones, each once
   * @throws IllegalArgumentException if one is not a service URL
   */
  public ClientBuilder zone(String name, List<URI> servers) {
    zones.add(name, servers);
    return this;
  }

  /** Sets the number of event loops, 1..64 and at most one per connection; default 1. */
  public ClientBuilder loops(int loops) {
    ClientConfig.requireWithin("loops", loops, 1, LOOPS_MAX);
    this.loops = loops;
    return this;
  }

  /** Sets the number of open connections, 1..1_000_000; default 8. */
  public ClientBuilder connections(int connections) {
    ClientConfig.requireWithin("connections", connections, 1, CONNECTIONS_MAX);
    this.connections = connections;
    return this;
  }

  /**
   * Sets the local addresses that connections are opened from, round robin; default none, which
   * leaves the choice to the system. Each address permits as many connections to a server as it has
   * ports. For load generators.
   *
   * @param addresses 0..1_024
   */
  public ClientBuilder localAddresses(List<InetAddress> addresses) {
    Objects.requireNonNull(addresses, "localAddresses");
    ClientConfig.requireWithin("localAddresses", addresses.size(), 0, LOCAL_ADDRESSES_MAX);
    this.localAddresses = List.copyOf(addresses);
    return this;
  }

  /** Sets the maximum number of requests in flight per connection, 1..65_536; default 64. */
  public ClientBuilder inFlightMax(int inFlightMax) {
    ClientConfig.requireWithin("inFlightMax", inFlightMax, 1, COUNT_MAX);
    this.inFlightMax = inFlightMax;
    return this;
  }

  /**
   * Sets the maximum number of registrations and cancels in flight in total, {@code loops}..65_536;
   * default 64.
   */
  public ClientBuilder changesInFlightMax(int changesInFlightMax) {
    ClientConfig.requireWithin("changesInFlightMax", changesInFlightMax, 1, COUNT_MAX);
    this.changesInFlightMax = changesInFlightMax;
    return this;
  }

  /**
   * Sets the maximum rate of registrations and cancels, {@code loops}..1_000_000 per second in
   * total; 0 means no limit; default 1_000. The limit protects a registry that has lost all its
   * leases.
   */
  public ClientBuilder changesPerSecMax(int changesPerSecMax) {
    ClientConfig.requireWithin("changesPerSecMax", changesPerSecMax, 0, RATE_MAX);
    this.changesPerSecMax = changesPerSecMax;
    return this;
  }

  /**
   * Sets the first and the longest delay before a failed registration or cancel is retried, 1 ms to
   * 1 h; default 1 s and 30 s.
   */
  public ClientBuilder retryDelay(Duration min, Duration max) {
    this.retryMaxMs = Durations.ms("retryDelay max", max, 1, DELAY_MS_MAX);
    this.retryMinMs = Durations.ms("retryDelay min", min, 1, retryMaxMs);
    return this;
  }

  /**
   * Sets the maximum number of heartbeats in one write when several connections have space; default
   * 64.
   */
  public ClientBuilder beatsPerWriteMax(int beatsPerWriteMax) {
    ClientConfig.requireWithin("beatsPerWriteMax", beatsPerWriteMax, 1, COUNT_MAX);
    this.beatsPerWriteMax = beatsPerWriteMax;
    return this;
  }

  /**
   * Sets the heartbeat interval of every instance, up to 1 day; zero, the default, uses each
   * instance's own {@code leaseInfo}.
   */
  public ClientBuilder interval(Duration interval) {
    this.intervalMs = Durations.ms("interval", interval, 0, ClientConfig.DAY_MS);
    return this;
  }

  /** Sets the distribution of heartbeat due times; default {@link Arrivals#TICKS}. */
  public ClientBuilder arrivals(Arrivals arrivals) {
    this.arrivals = arrivals;
    return this;
  }

  /**
   * Sets whether each instance uses one connection for all its heartbeats, shared with others only
   * if there are more instances than connections; default false. For load generators.
   */
  public ClientBuilder connectionPerInstance(boolean connectionPerInstance) {
    this.hasConnectionPerInstance = connectionPerInstance;
    return this;
  }

  /**
   * Adds a header field to every request. For load generators.
   *
   * @throws IllegalArgumentException if it is not a header field of visible ASCII
   */
  public ClientBuilder header(String name, String value) {
    zones.addHeader(name, value);
    return this;
  }

  /** Sets the maximum random delay of each heartbeat, up to 1 day; default zero. */
  public ClientBuilder jitter(Duration jitter) {
    this.jitterMs = Durations.ms("jitter", jitter, 0, ClientConfig.DAY_MS);
    return this;
  }

  /**
   * Sets the response timeout, 1 ms to 1 h; default 5 s. The connection of an overdue response is
   * replaced.
   */
  public ClientBuilder responseTimeout(Duration timeout) {
    this.responseTimeoutMs = Durations.ms("responseTimeout", timeout, 1, DELAY_MS_MAX);
    return this;
  }

  /** Sets the connect timeout, 1 ms to 1 h; default 3 s. */
  public ClientBuilder connectTimeout(Duration timeout) {
    this.connectTimeoutMs = Durations.ms("connectTimeout", timeout, 1, DELAY_MS_MAX);
    return this;
  }

  /**
   * Sets the first and the longest delay before reconnecting, 1 ms to 1 h; default 100 ms and 10 s.
   */
  public ClientBuilder reconnectDelay(Duration min, Duration max) {
    this.reconnectMaxMs = Durations.ms("reconnectDelay max", max, 1, DELAY_MS_MAX);
    this.reconnectMinMs = Durations.ms("reconnectDelay min", min, 1, reconnectMaxMs);
    return this;
  }

  /**
   * Sets the timeout of closing, up to 1 h; default 5 s. A fifth of it, at most one second, is
   * reserved for closing connections and threads. Zero does not wait at all.
   */
  public ClientBuilder closeTimeout(Duration timeout) {
    this.closeTimeoutMs = Durations.ms("closeTimeout", timeout, 0, DELAY_MS_MAX);
    return this;
  }

  /** Sets the maximum size of a response body, 0..16_777_216 bytes; default 65_536. */
  public ClientBuilder responseBodyBytesMax(int responseBodyBytesMax) {
    ClientConfig.requireWithin(
        "responseBodyBytesMax", responseBodyBytesMax, 0, RESPONSE_BODY_BYTES_LIMIT);
    this.responseBodyBytesMax = responseBodyBytesMax;
    return this;
  }

  /**
   * Sets whether closing first cancels all instances, within {@link #closeTimeout}; default true.
   * Otherwise their leases expire.
   */
  public ClientBuilder cancelOnClose(boolean cancelOnClose) {
    this.cancelOnClose = cancelOnClose;
    return this;
  }

  /** Sets the listener for events of all instances; default none. */
  public ClientBuilder listener(RegistrationListener listener) {
    this.listener = Objects.requireNonNull(listener, "listener");
    return this;
  }

  /**
   * Sets the number of consecutive response timeouts after which a server counts as lost,
   * 1..65_536; default 3.
   */
  public ClientBuilder overdueMax(int overdueMax) {
    ClientConfig.requireWithin("overdueMax", overdueMax, 1, COUNT_MAX);
    this.overdueMax = overdueMax;
    return this;
  }

  /**
   * Sets the number of consecutive read cycles ending with a 5xx, 429 or 3xx response after which
   * the client fails over, 1..65_536; default 3.
   */
  public ClientBuilder refusalsMax(int refusalsMax) {
    ClientConfig.requireWithin("refusalsMax", refusalsMax, 1, COUNT_MAX);
    this.refusalsMax = refusalsMax;
    return this;
  }

  /**
   * Sets the delay before the client returns to a failed server of a more preferred zone, up to 1
   * day; up to half of it is random. Default 30 s; zero disables returning.
   */
  public ClientBuilder returnDelay(Duration delay) {
    this.returnDelayMs = Durations.ms("returnDelay", delay, 0, ClientConfig.DAY_MS);
    return this;
  }

  /**
   * Sets the maximum delay accepted from a Retry-After field, up to 1 h; default 30 s. Leases
   * should outlast this delay plus one interval. Zero ignores the field.
   */
  public ClientBuilder retryAfterMax(Duration wait) {
    this.retryAfterMsMax = Durations.ms("retryAfterMax", wait, 0, DELAY_MS_MAX);
    return this;
  }

  /**
   * Sets whether Retry-After delays only the registration whose response carried it, as with
   * separate clients; default false. Otherwise it delays all requests of the event loop, or all
   * registrations and cancels. For load generators.
   */
  public ClientBuilder retryAfterPerInstance(boolean retryAfterPerInstance) {
    this.isRetryAfterPerInstance = retryAfterPerInstance;
    return this;
  }

  /**
   * Sets whether a heartbeat that failed because its connection was lost or its response carried
   * Retry-After is sent again, up to 3 times per interval; default true. Each attempt counts as
   * another heartbeat.
   */
  public ClientBuilder retryHeartbeats(boolean retryHeartbeats) {
    this.retryHeartbeats = retryHeartbeats;
    return this;
  }

  /**
   * Sets whether the event loops prefer the servers of the first zone in turn: the first loop the
   * first server, and so on; each returns to its own as to a more preferred zone. Default false,
   * where each loop has its own random order. For load generators.
   */
  public ClientBuilder serverPerLoop(boolean serverPerLoop) {
    this.isServerPerLoop = serverPerLoop;
    return this;
  }

  /**
   * Sets the interval between requests for the members of a native cluster, up to 1 day; default 30
   * s. The client fails over to them after all configured servers. A server without a native
   * cluster receives one request in twenty intervals. Zero uses the configured servers only.
   */
  public ClientBuilder memberInterval(Duration interval) {
    this.memberIntervalMs = Durations.ms("memberInterval", interval, 0, ClientConfig.DAY_MS);
    return this;
  }

  /**
   * Sets the longest time that a heartbeat waits for others to be sent with in one request, up to
   * 60 s; should be at most a third of the interval. Zero, the default, sends a request for each.
   * Only Systole nodes support such requests, and only if every proxy passes their header fields;
   * other servers receive a request for each heartbeat nevertheless. For clients of many instances.
   */
  public ClientBuilder bulkWindow(Duration window) {
    this.bulkWindowMs = Durations.ms("bulkWindow", window, 0, BULK_WINDOW_MS_MAX);
    return this;
  }

  /**
   * Sets the PEM files for TLS; default the JDK's trusted certificates and no client certificate.
   */
  public ClientBuilder tls(TlsFiles tls) {
    this.tls = Objects.requireNonNull(tls, "tls");
    return this;
  }

  /**
   * Sets whether a TLS handshake may resume the session of an earlier connection; default true.
   * Otherwise each is a full handshake, as those of separate clients are. For load generators.
   */
  public ClientBuilder tlsResumption(boolean tlsResumption) {
    this.resumesTls = tlsResumption;
    return this;
  }

  /**
   * Sets the maximum age of a connection, up to 1 day; zero, the default, means no limit. An older
   * connection is replaced once it is idle. The host name is resolved again, so that address
   * changes take effect. Up to a quarter of the age is subtracted at random, so that connections
   * are not replaced together.
   */
  public ClientBuilder connectionAgeMax(Duration connectionAgeMax) {
    this.connectionAgeMsMax =
        Durations.ms("connectionAgeMax", connectionAgeMax, 0, ClientConfig.DAY_MS);
    return this;
  }

  /** Sets the clock; for tests. */
  public ClientBuilder clock(Clock clock) {
    this.clock = Objects.requireNonNull(clock, "clock");
    return this;
  }

  /** Sets the host name lookup. */
  ClientBuilder hostLookup(HostLookup hostLookup) {
    this.hostLookup = hostLookup;
    return this;
  }

  /** Sets the supplier of heartbeat listeners; called once per event loop. */
  public ClientBuilder observers(Supplier<? extends HeartbeatListener> observers) {
    this.observers = Objects.requireNonNull(observers, "observers");
    return this;
  }

  /**
   * Starts the client, which connects at once.
   *
   * @throws IllegalArgumentException naming the option that is out of range
   */
  public HeartbeatClient build() {
    return new HeartbeatClient(
        zones.toZones(),
        config(),
        clock,
        observers,
        listener,
        hostLookup,
        new LocalAddresses(localAddresses),
        resumesTls);
  }

  /** Returns the validated options. */
  ClientConfig config() {
    return new ClientConfig(
        loops,
        connections,
        inFlightMax,
        changesInFlightMax,
        changesPerSecMax,
        retryMinMs,
        retryMaxMs,
        beatsPerWriteMax,
        arrivals,
        hasConnectionPerInstance,
        intervalMs,
        jitterMs,
        responseTimeoutMs,
        connectTimeoutMs,
        reconnectMinMs,
        reconnectMaxMs,
        closeTimeoutMs,
        responseBodyBytesMax,
        cancelOnClose,
        overdueMax,
        refusalsMax,
        returnDelayMs,
        retryAfterMsMax,
        isRetryAfterPerInstance,
        connectionAgeMsMax,
        retryHeartbeats,
        isServerPerLoop,
        memberIntervalMs,
        bulkWindowMs,
        tls);
  }
}
