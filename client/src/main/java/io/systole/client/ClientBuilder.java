// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import io.systole.client.beat.BeatObserver;
import io.systole.client.beat.RegistrationListener;
import io.systole.client.net.ServerAddress;
import io.systole.client.net.TlsFiles;
import io.systole.client.net.Zone;
import io.systole.client.time.Clock;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Gathers the options of a client; only the servers have no default. For one thread. */
public final class ClientBuilder {
  private static final int SERVERS_MAX = 64;
  private static final String ONLY_ZONE = "default";

  private final List<Zone> zones = new ArrayList<>();
  private int loops = 1;
  private int connections = 8;
  private int inFlightMax = 64;
  private int changesInFlightMax = 64;
  private int changesPerSecMax = 1_000;
  private int retryMinMs = 1_000;
  private int retryMaxMs = 30_000;
  private int beatsPerWriteMax = 64;
  private int intervalMs;
  private int jitterMs;
  private int answerTimeoutMs = 5_000;
  private int connectTimeoutMs = 3_000;
  private int reconnectMinMs = 100;
  private int reconnectMaxMs = 10_000;
  private int closeTimeoutMs = 5_000;
  private int answerBodyBytesMax = 65_536;
  private boolean cancelOnClose = true;
  private @Nullable RegistrationListener listener;
  private int overdueMax = 3;
  private int refusalsMax = 3;
  private int returnMs = 30_000;
  private int retryAfterMsMax = 30_000;
  private boolean beatAgain = true;
  private TlsFiles tls = TlsFiles.NONE;
  private Clock clock = Clock.SYSTEM;
  private Supplier<? extends BeatObserver> observers = () -> BeatObserver.NONE;

  ClientBuilder() {}

  /**
   * Sets the only server, {@code http[s]://[user:password@]host[:port]/base}.
   *
   * @throws IllegalArgumentException when it is not such a URL
   */
  public ClientBuilder server(URI server) {
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
    zones.clear();
    return zone(ONLY_ZONE, servers);
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
    zones.add(new Zone(name, servers.stream().map(ServerAddress::of).toList()));
    return this;
  }

  /** Sets the number of event loops, 1..64, at most one per connection; 1 unless set. */
  public ClientBuilder loops(int loops) {
    this.loops = loops;
    return this;
  }

  /** Sets the number of connections kept open, 1..65_536; 8 unless set. */
  public ClientBuilder connections(int connections) {
    this.connections = connections;
    return this;
  }

  /** Bounds the requests sent and not answered, per connection, 1..65_536; 64 unless set. */
  public ClientBuilder inFlightMax(int inFlightMax) {
    this.inFlightMax = inFlightMax;
    return this;
  }

  /** Bounds registrations and cancels sent and not answered in all, 1..65_536; 64 unless set. */
  public ClientBuilder changesInFlightMax(int changesInFlightMax) {
    this.changesInFlightMax = changesInFlightMax;
    return this;
  }

  /**
   * Bounds registrations and cancels sent per second in all, {@code loops}..1_000_000; 0 leaves
   * them unlimited; 1_000 unless set. So a registry that has forgotten a whole fleet is not run
   * over.
   */
  public ClientBuilder changesPerSecMax(int changesPerSecMax) {
    this.changesPerSecMax = changesPerSecMax;
    return this;
  }

  /**
   * Sets the first and the longest wait before a registration or cancel that has failed is tried
   * again, ms; 1_000 and 30_000 unless set.
   */
  public ClientBuilder retryMs(int minMs, int maxMs) {
    this.retryMinMs = minMs;
    this.retryMaxMs = maxMs;
    return this;
  }

  /** Bounds heartbeats in one write when there is a choice of connections; 64 unless set. */
  public ClientBuilder beatsPerWriteMax(int beatsPerWriteMax) {
    this.beatsPerWriteMax = beatsPerWriteMax;
    return this;
  }

  /**
   * Sets the interval of every instance, 1..86_400_000 ms; 0, the default, leaves it to each
   * instance's own {@code leaseInfo}.
   */
  public ClientBuilder intervalMs(int intervalMs) {
    this.intervalMs = intervalMs;
    return this;
  }

  /** Bounds the random delay of each heartbeat, ms; 0 unless set, never more than the interval. */
  public ClientBuilder jitterMs(int jitterMs) {
    this.jitterMs = jitterMs;
    return this;
  }

  /** Sets how long an answer may take, ms; 5_000 unless set. Then its connection is opened anew. */
  public ClientBuilder answerTimeoutMs(int answerTimeoutMs) {
    this.answerTimeoutMs = answerTimeoutMs;
    return this;
  }

  /** Sets how long connecting may take, ms; 3_000 unless set. */
  public ClientBuilder connectTimeoutMs(int connectTimeoutMs) {
    this.connectTimeoutMs = connectTimeoutMs;
    return this;
  }

  /** Sets the first and the longest wait before connecting again, ms; 100 and 10_000 unless set. */
  public ClientBuilder reconnectMs(int minMs, int maxMs) {
    this.reconnectMinMs = minMs;
    this.reconnectMaxMs = maxMs;
    return this;
  }

  /** Bounds what closing waits for, ms; 5_000 unless set. */
  public ClientBuilder closeTimeoutMs(int closeTimeoutMs) {
    this.closeTimeoutMs = closeTimeoutMs;
    return this;
  }

  /** Bounds the body of an answer, bytes; 65_536 unless set. */
  public ClientBuilder answerBodyBytesMax(int answerBodyBytesMax) {
    this.answerBodyBytesMax = answerBodyBytesMax;
    return this;
  }

  /**
   * Sets whether closing cancels all instances first, within {@code closeTimeoutMs}; it does unless
   * set. Otherwise their leases run out by themselves.
   */
  public ClientBuilder cancelOnClose(boolean cancelOnClose) {
    this.cancelOnClose = cancelOnClose;
    return this;
  }

  /** Sets who hears of every instance's fate; nobody unless set. */
  public ClientBuilder listener(RegistrationListener listener) {
    this.listener = listener;
    return this;
  }

  /**
   * Bounds how many connections in a row may end for an overdue answer before their server counts
   * as lost, 1..65_536; 3 unless set.
   */
  public ClientBuilder overdueMax(int overdueMax) {
    this.overdueMax = overdueMax;
    return this;
  }

  /**
   * Bounds how many reads in a row may end with an answer 5xx, 429 or a redirect before another
   * server is looked for, 1..65_536; 3 unless set.
   */
  public ClientBuilder refusalsMax(int refusalsMax) {
    this.refusalsMax = refusalsMax;
    return this;
  }

  /**
   * Sets how long a failed server of a better zone is left alone before a return, ms, of which up
   * to half is random; 30_000 unless set, 0 never returns.
   */
  public ClientBuilder returnMs(int returnMs) {
    this.returnMs = returnMs;
    return this;
  }

  /**
   * Bounds how long a server may ask to be left alone by Retry-After, ms; 30_000 unless set. Leases
   * should outlive it together with an interval. 0 obeys none.
   */
  public ClientBuilder retryAfterMsMax(int retryAfterMsMax) {
    this.retryAfterMsMax = retryAfterMsMax;
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

  /** Sets the certificates to trust over TLS, a PEM file; those of the JDK unless set. */
  public ClientBuilder trust(Path authorities) {
    this.tls = new TlsFiles(authorities, tls.certificates(), tls.key());
    return this;
  }

  /**
   * Sets as whom the client comes over TLS; as nobody unless set.
   *
   * @param certificates its certificate with its chain, PEM
   * @param key the private key, PEM, PKCS #8 without password
   */
  public ClientBuilder identity(Path certificates, Path key) {
    this.tls = new TlsFiles(tls.authorities(), certificates, key);
    return this;
  }

  /** Sets where the time comes from. */
  public ClientBuilder clock(Clock clock) {
    this.clock = clock;
    return this;
  }

  /** Sets where the observer of each event loop comes from; asked once per loop. */
  public ClientBuilder observers(Supplier<? extends BeatObserver> observers) {
    this.observers = observers;
    return this;
  }

  /**
   * Starts the client, which begins to connect at once.
   *
   * @throws IllegalArgumentException naming the option that is out of its range
   */
  public HeartbeatClient build() {
    requireServers();
    return new HeartbeatClient(List.copyOf(zones), config(), clock, observers, listener);
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
        intervalMs,
        jitterMs,
        answerTimeoutMs,
        connectTimeoutMs,
        reconnectMinMs,
        reconnectMaxMs,
        closeTimeoutMs,
        answerBodyBytesMax,
        cancelOnClose,
        overdueMax,
        refusalsMax,
        returnMs,
        retryAfterMsMax,
        beatAgain,
        tls);
  }
}
