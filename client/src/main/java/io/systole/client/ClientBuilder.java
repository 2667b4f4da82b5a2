// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import io.systole.client.beat.BeatObserver;
import io.systole.client.beat.RegistrationListener;
import io.systole.client.net.ServerAddress;
import io.systole.client.time.Clock;
import java.net.URI;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Gathers the options of a client; only {@link #server} has no default. For one thread. */
public final class ClientBuilder {
  private @Nullable URI server;
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
  private Clock clock = Clock.SYSTEM;
  private Supplier<? extends BeatObserver> observers = () -> BeatObserver.NONE;

  ClientBuilder() {}

  /** Sets the service URL, {@code http://[user:password@]host[:port]/base}. */
  public ClientBuilder server(URI server) {
    this.server = server;
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
    URI url = Objects.requireNonNull(server, "server is not set");
    return new HeartbeatClient(ServerAddress.of(url), config(), clock, observers, listener);
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
        cancelOnClose);
  }
}
