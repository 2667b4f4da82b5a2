// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import io.systole.client.heartbeat.HeartbeatListener;
import io.systole.client.heartbeat.RegistrationListener;
import io.systole.client.net.HostLookup;
import io.systole.client.net.LocalAddresses;
import io.systole.client.net.ServerAddress;
import io.systole.client.net.Zone;
import io.systole.client.time.Clock;
import io.systole.client.time.Durations;
import io.systole.client.tls.TlsFiles;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Gathers the options of a client; only the servers have no default. For one thread.
 *
 * <p>Each method throws {@link NullPointerException} or {@link IllegalArgumentException}, naming
 * the option and its range, when its argument is null or out of range.
 */
public final class ClientBuilder {
  private static final int SERVERS_MAX = 64;
  private static final String ONLY_ZONE = "default";
  private static final int LOOPS_MAX = 64;
  private static final int COUNT_MAX = 65_536;

  /** With several local addresses there are more connections than ports of one. */
  private static final int CONNECTIONS_MAX = 1_000_000;

  private static final int LOCAL_ADDRESSES_MAX = 1_024;
  private static final int RATE_MAX = 1_000_000;
  private static final int WAIT_MS_MAX = 3_600_000;
  private static final int BODY_BYTES_MOST = 16 << 20;

  private final List<Zone> zones = new ArrayList<>();
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
  private final StringBuilder headers = new StringBuilder();
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
  private int returnMs = 30_000;
  private int retryAfterMsMax = 30_000;
  private int connectionAgeMsMax;
  private boolean beatAgain = true;
  private TlsFiles tls = TlsFiles.NONE;
  private Clock clock = Clock.SYSTEM;
  private HostLookup hostLookup = HostLookup.SYSTEM;
  private List<InetAddress> localAddresses = List.of();
  private boolean resumesTls = true;
  private Supplier<? extends HeartbeatListener> observers = () -> HeartbeatListener.NONE;

  ClientBuilder() {}

  /**
   * Sets the only server, {@code http[s]://[user:password@]host[:port]/base}.
   *
   * @throws IllegalArgumentException when it is not such a URL
   */
  public ClientBuilder server(URI server) {
    Objects.requireNonNull(server, "server");
    return servers(List.of(server));
  }

  /**
   * Sets servers that are equally welcome, and no others. Each event loop asks one of them, and
   * goes on to the next, in a random order of its own, when that one fails.
   *
   * @param servers 1..64 in all, each once
   * @throws IllegalArgumentException when one is no service URL
   */
  public ClientBuilder servers(List<URI> servers) {
    Zone only = zoneOf(ONLY_ZONE, servers);
    zones.clear();
    zones.add(only);
    return this;
  }

  /**
   * Adds servers that are less welcome than those before: the first zone is the client's own. A
   * client that had to leave a zone returns when it is back.
   *
   * @param name for logs and {@link ClientState}
   * @param servers 1..64 in all zones, each once
   * @throws IllegalArgumentException when one is no service URL
   */
  public ClientBuilder zone(String name, List<URI> servers) {
    zones.add(zoneOf(Objects.requireNonNull(name, "name"), servers));
    return this;
  }

  private static Zone zoneOf(String name, List<URI> servers) {
    Objects.requireNonNull(servers, "servers");
    return new Zone(name, servers.stream().map(ServerAddress::of).toList());
  }

  /** Sets the number of event loops, 1..64, at most one per connection; 1 unless set. */
  public ClientBuilder loops(int loops) {
    ClientConfig.requireWithin("loops", loops, 1, LOOPS_MAX);
    this.loops = loops;
    return this;
  }

  /** Sets the number of connections kept open, 1..1_000_000; 8 unless set. */
  public ClientBuilder connections(int connections) {
    ClientConfig.requireWithin("connections", connections, 1, CONNECTIONS_MAX);
    this.connections = connections;
    return this;
  }

  /**
   * Sets the local addresses that connections are opened from, in turn; none, the default, leaves
   * the choice to the system. Each address allows as many connections to a server as it has ports.
   *
   * @param addresses 0..1_024
   */
  public ClientBuilder localAddresses(List<InetAddress> addresses) {
    Objects.requireNonNull(addresses, "localAddresses");
    ClientConfig.requireWithin("localAddresses", addresses.size(), 0, LOCAL_ADDRESSES_MAX);
    this.localAddresses = List.copyOf(addresses);
    return this;
  }

  /** Bounds the requests sent and not answered, per connection, 1..65_536; 64 unless set. */
  public ClientBuilder inFlightMax(int inFlightMax) {
    ClientConfig.requireWithin("inFlightMax", inFlightMax, 1, COUNT_MAX);
    this.inFlightMax = inFlightMax;
    return this;
  }

  /** Bounds registrations and cancels sent and not answered in all, 1..65_536; 64 unless set. */
  public ClientBuilder changesInFlightMax(int changesInFlightMax) {
    ClientConfig.requireWithin("changesInFlightMax", changesInFlightMax, 1, COUNT_MAX);
    this.changesInFlightMax = changesInFlightMax;
    return this;
  }

  /**
   * Bounds registrations and cancels sent per second in all, {@code loops}..1_000_000; 0 leaves
   * them unlimited; 1_000 unless set. So a registry that has forgotten a whole fleet is not run
   * over.
   */
  public ClientBuilder changesPerSecMax(int changesPerSecMax) {
    ClientConfig.requireWithin("changesPerSecMax", changesPerSecMax, 0, RATE_MAX);
    this.changesPerSecMax = changesPerSecMax;
    return this;
  }

  /**
   * Sets the first and the longest wait before a registration or cancel that has failed is tried
   * again, 1 ms to 1 h; 1 s and 30 s unless set.
   */
  public ClientBuilder retryDelay(Duration min, Duration max) {
    this.retryMaxMs = Durations.ms("retryDelay max", max, 1, WAIT_MS_MAX);
    this.retryMinMs = Durations.ms("retryDelay min", min, 1, retryMaxMs);
    return this;
  }

  /** Bounds heartbeats in one write when there is a choice of connections; 64 unless set. */
  public ClientBuilder beatsPerWriteMax(int beatsPerWriteMax) {
    ClientConfig.requireWithin("beatsPerWriteMax", beatsPerWriteMax, 1, COUNT_MAX);
    this.beatsPerWriteMax = beatsPerWriteMax;
    return this;
  }

  /**
   * Sets the interval of every instance, up to 1 day; zero, the default, leaves it to each
   * instance's own {@code leaseInfo}.
   */
  public ClientBuilder interval(Duration interval) {
    this.intervalMs = Durations.ms("interval", interval, 0, ClientConfig.DAY_MS);
    return this;
  }

  /** Sets how the due times of heartbeats are spread; {@link Arrivals#TICKS} unless set. */
  public ClientBuilder arrivals(Arrivals arrivals) {
    this.arrivals = arrivals;
    return this;
  }

  /**
   * Sends all heartbeats of an instance over one connection, and those of no other instance while
   * there are as many connections as instances, as separate clients do; off unless set. For whoever
   * simulates instances.
   */
  public ClientBuilder connectionPerInstance(boolean connectionPerInstance) {
    this.hasConnectionPerInstance = connectionPerInstance;
    return this;
  }

  /**
   * Adds a header field to every request, for whoever simulates another client.
   *
   * @throws IllegalArgumentException when it is no header field of visible ASCII
   */
  public ClientBuilder header(String name, String value) {
    if (!name.matches("[A-Za-z0-9-]+") || !value.matches("[\\x21-\\x7e]([\\x20-\\x7e]*)")) {
      throw new IllegalArgumentException("no header field: " + name);
    }
    headers.append(name).append(": ").append(value).append("\r\n");
    return this;
  }

  /** Bounds the random delay of each heartbeat, up to 1 day; zero unless set. */
  public ClientBuilder jitter(Duration jitter) {
    this.jitterMs = Durations.ms("jitter", jitter, 0, ClientConfig.DAY_MS);
    return this;
  }

  /**
   * Sets how long an answer may take, 1 ms to 1 h; 5 s unless set. Then its connection is opened
   * anew.
   */
  public ClientBuilder responseTimeout(Duration timeout) {
    this.responseTimeoutMs = Durations.ms("answerTimeout", timeout, 1, WAIT_MS_MAX);
    return this;
  }

  /** Sets how long connecting may take, 1 ms to 1 h; 3 s unless set. */
  public ClientBuilder connectTimeout(Duration timeout) {
    this.connectTimeoutMs = Durations.ms("connectTimeout", timeout, 1, WAIT_MS_MAX);
    return this;
  }

  /**
   * Sets the first and the longest wait before connecting again, 1 ms to 1 h; 100 ms and 10 s
   * unless set.
   */
  public ClientBuilder reconnectDelay(Duration min, Duration max) {
    this.reconnectMaxMs = Durations.ms("reconnectDelay max", max, 1, WAIT_MS_MAX);
    this.reconnectMinMs = Durations.ms("reconnectDelay min", min, 1, reconnectMaxMs);
    return this;
  }

  /**
   * Bounds how long closing takes in all, up to 1 h; 5 s unless set. Of it a fifth, at most one
   * second, is kept for ending connections and threads. Zero waits for nothing.
   */
  public ClientBuilder closeTimeout(Duration timeout) {
    this.closeTimeoutMs = Durations.ms("closeTimeout", timeout, 0, WAIT_MS_MAX);
    return this;
  }

  /** Bounds the body of an answer, bytes; 65_536 unless set. */
  public ClientBuilder responseBodyBytesMax(int responseBodyBytesMax) {
    ClientConfig.requireWithin("answerBodyBytesMax", responseBodyBytesMax, 0, BODY_BYTES_MOST);
    this.responseBodyBytesMax = responseBodyBytesMax;
    return this;
  }

  /**
   * Sets whether closing cancels all instances first, within {@link #closeTimeout}; it does unless
   * set. Otherwise their leases run out by themselves.
   */
  public ClientBuilder cancelOnClose(boolean cancelOnClose) {
    this.cancelOnClose = cancelOnClose;
    return this;
  }

  /** Sets who hears of every instance's fate; nobody unless set. */
  public ClientBuilder listener(RegistrationListener listener) {
    this.listener = Objects.requireNonNull(listener, "listener");
    return this;
  }

  /**
   * Bounds how many connections in a row may end for an overdue answer before their server counts
   * as lost, 1..65_536; 3 unless set.
   */
  public ClientBuilder overdueMax(int overdueMax) {
    ClientConfig.requireWithin("overdueMax", overdueMax, 1, COUNT_MAX);
    this.overdueMax = overdueMax;
    return this;
  }

  /**
   * Bounds how many reads in a row may end with an answer 5xx, 429 or a redirect before another
   * server is looked for, 1..65_536; 3 unless set.
   */
  public ClientBuilder refusalsMax(int refusalsMax) {
    ClientConfig.requireWithin("refusalsMax", refusalsMax, 1, COUNT_MAX);
    this.refusalsMax = refusalsMax;
    return this;
  }

  /**
   * Sets how long a failed server of a better zone is left alone before a return, up to 1 day, of
   * which up to half is random; 30 s unless set, zero never returns.
   */
  public ClientBuilder returnDelay(Duration delay) {
    this.returnMs = Durations.ms("returnDelay", delay, 0, ClientConfig.DAY_MS);
    return this;
  }

  /**
   * Bounds the wait that a server may request by Retry-After, up to 1 h; 30 s unless set. Leases
   * should outlive it together with an interval. Zero obeys none.
   */
  public ClientBuilder retryAfterMax(Duration wait) {
    this.retryAfterMsMax = Durations.ms("retryAfterMax", wait, 0, WAIT_MS_MAX);
    return this;
  }

  /**
   * Sets whether a beat whose connection was lost, or that was answered with Retry-After, is sent
   * again when a server takes it, up to 3 times in its interval; it is unless set. Each time it
   * counts as another beat.
   */
  public ClientBuilder beatAgain(boolean beatAgain) {
    this.beatAgain = beatAgain;
    return this;
  }

  /** Sets the PEM files for TLS; the JDK's trust and no certificate of one's own unless set. */
  public ClientBuilder tls(TlsFiles tls) {
    this.tls = Objects.requireNonNull(tls, "tls");
    return this;
  }

  /**
   * Sets whether a TLS handshake may resume the session of an earlier connection; it may unless
   * set. Otherwise each is a full one, as those of separate clients are.
   */
  public ClientBuilder tlsResumption(boolean tlsResumption) {
    this.resumesTls = tlsResumption;
    return this;
  }

  /**
   * Bounds the age of a connection, up to a day; zero, the default, keeps it for as long as it
   * lasts. An older one is replaced when nothing is in flight on it, and its host looked up again,
   * so that changes of its addresses take effect. Up to a quarter of the age is taken off at
   * random, so that connections are not replaced together.
   */
  public ClientBuilder connectionAgeMax(Duration connectionAgeMax) {
    this.connectionAgeMsMax =
        Durations.ms("connectionAgeMax", connectionAgeMax, 0, ClientConfig.DAY_MS);
    return this;
  }

  /** Sets the source of time; for tests. */
  public ClientBuilder clock(Clock clock) {
    this.clock = Objects.requireNonNull(clock, "clock");
    return this;
  }

  /** Sets how host names are looked up. */
  ClientBuilder hostLookup(HostLookup hostLookup) {
    this.hostLookup = hostLookup;
    return this;
  }

  /** Sets where the observer of each event loop comes from; asked once per loop. */
  public ClientBuilder observers(Supplier<? extends HeartbeatListener> observers) {
    this.observers = Objects.requireNonNull(observers, "observers");
    return this;
  }

  /**
   * Starts the client, which begins to connect at once.
   *
   * @throws IllegalArgumentException naming the option that is out of its range
   */
  public HeartbeatClient build() {
    requireServers();
    return new HeartbeatClient(
        zonesWithHeaders(),
        config(),
        clock,
        observers,
        listener,
        hostLookup,
        new LocalAddresses(localAddresses),
        resumesTls);
  }

  private List<Zone> zonesWithHeaders() {
    return zones.stream()
        .map(zone -> new Zone(
            zone.name(),
            zone.servers().stream()
                .map(server -> server.withHeaders(headers.toString()))
                .toList()))
        .toList();
  }

  private void requireServers() {
    int count = 0;
    Set<URI> distinct = new HashSet<>();
    for (Zone zone : zones) {
      if (zone.servers().isEmpty()) {
        throw new IllegalArgumentException("zone " + zone.name() + " has no server");
      }
      for (ServerAddress server : zone.servers()) {
        count++;
        if (!distinct.add(server.url())) {
          throw new IllegalArgumentException("server " + server + " is given twice");
        }
      }
    }
    ClientConfig.requireWithin("servers", count, 1, SERVERS_MAX);
  }

  /** Returns the options, checked. */
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
        returnMs,
        retryAfterMsMax,
        connectionAgeMsMax,
        beatAgain,
        tls);
  }
}
