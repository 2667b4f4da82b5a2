// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

import io.systole.client.api.TlsFiles;
import io.systole.client.net.Durations;
import io.systole.protocol.time.Clock;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * A builder of {@link RegistryMirror}. Only {@link #servers} has no default. Not thread-safe.
 *
 * <p>Each method throws {@link NullPointerException} if its argument is null and
 * {@link IllegalArgumentException} if it is out of range; the message contains the option and its
 * range.
 */
public final class MirrorBuilder {
  private static final int DAY_MS = 86_400_000;
  private static final int DELAY_MS_MAX = 3_600_000;
  private static final int BODY_BYTES_LIMIT_MIN = 1_024;
  private static final int BODY_BYTES_LIMIT_MAX = 1 << 30;
  private static final int LOSS_COUNT_LIMIT = 1_000_000;

  private List<MirrorServer> servers = List.of();
  private boolean isStreamEnabled = true;
  private int intervalMs = 30_000;
  private int streamCheckMs = 300_000;
  private int streamSilenceMs = 60_000;
  private int connectTimeoutMs = 3_000;
  private int responseTimeoutMs = 30_000;
  private int retryMinMs = 1_000;
  private int retryMaxMs = 30_000;
  private int bodyBytesMax = 256 << 20;
  private double lossShareMax = 0.15;
  private int lossCountMax = 3;
  private int lossAcceptDelayMs = 180_000;
  private int memberIntervalMs = 30_000;
  private int staleMs = 90_000;
  private Clock clock = Clock.SYSTEM;
  private MirrorListener listener = MirrorListener.NONE;
  private TlsFiles tls = TlsFiles.NONE;

  /** Creates a builder with the defaults. */
  public MirrorBuilder() {}

  /** Sets the only server, {@code http[s]://[user:password@]host[:port]/base}. */
  public MirrorBuilder server(URI server) {
    Objects.requireNonNull(server, "server");
    return servers(List.of(server));
  }

  /** Sets the servers in order of preference; if one fails, the next is used. */
  public MirrorBuilder servers(List<URI> servers) {
    Objects.requireNonNull(servers, "servers");
    this.servers = servers.stream().map(MirrorServer::of).toList();
    return this;
  }

  /** Sets whether to follow a server's change stream if it has one; default true. */
  public MirrorBuilder stream(boolean isEnabled) {
    this.isStreamEnabled = isEnabled;
    return this;
  }

  /** Sets the interval between deltas, 1 ms to 1 day; default 30 s. */
  public MirrorBuilder interval(Duration interval) {
    this.intervalMs = Durations.ms("interval", interval, 1, DAY_MS);
    return this;
  }

  /** Sets the interval of checks while a stream is followed, 1 ms to 1 day; default 5 min. */
  public MirrorBuilder streamCheckInterval(Duration interval) {
    this.streamCheckMs = Durations.ms("streamCheckInterval", interval, 1, DAY_MS);
    return this;
  }

  /** Sets the silence after which a stream counts as lost, 2 ms to 1 h; default 60 s. */
  public MirrorBuilder streamSilenceTimeout(Duration timeout) {
    this.streamSilenceMs = Durations.ms("streamSilenceTimeout", timeout, 2, DELAY_MS_MAX);
    return this;
  }

  /** Sets the connect timeout, 1 ms to 1 h; default 3 s. */
  public MirrorBuilder connectTimeout(Duration timeout) {
    this.connectTimeoutMs = Durations.ms("connectTimeout", timeout, 1, DELAY_MS_MAX);
    return this;
  }

  /** Sets the timeout of a complete response, 1 ms to 1 h; default 30 s. */
  public MirrorBuilder responseTimeout(Duration timeout) {
    this.responseTimeoutMs = Durations.ms("responseTimeout", timeout, 1, DELAY_MS_MAX);
    return this;
  }

  /**
   * Sets the first and the longest delay after all servers have failed, 1 ms to 1 h; default 1 s
   * and 30 s.
   */
  public MirrorBuilder retryDelay(Duration min, Duration max) {
    this.retryMaxMs = Durations.ms("retryDelay max", max, 1, DELAY_MS_MAX);
    this.retryMinMs = Durations.ms("retryDelay min", min, 1, retryMaxMs);
    return this;
  }

  /**
   * Sets the maximum size of a response, compressed and decompressed, 1_024..1_073_741_824 bytes;
   * default 268_435_456.
   */
  public MirrorBuilder bodyBytesMax(int bodyBytesMax) {
    requireWithin("bodyBytesMax", bodyBytesMax, BODY_BYTES_LIMIT_MIN, BODY_BYTES_LIMIT_MAX);
    this.bodyBytesMax = bodyBytesMax;
    return this;
  }

  /**
   * Sets the share of the known instances that a full response may lack and be accepted at once,
   * 0..1; default 0.15, the share that registries themselves protect. 1 accepts everything.
   */
  public MirrorBuilder lossShareMax(double lossShareMax) {
    if (!(lossShareMax >= 0 && lossShareMax <= 1)) {
      throw new IllegalArgumentException("lossShareMax=" + lossShareMax + " is not within 0..1");
    }
    this.lossShareMax = lossShareMax;
    return this;
  }

  /**
   * Sets the number of instances that a full response may lack and be accepted at once regardless
   * of their share, 0..1_000_000, but at most half of those known; default 3, the default share of
   * twenty. In a smaller registry the share alone would retain a cancelled instance for
   * {@link #lossAcceptDelay}. 0 uses the share alone.
   */
  public MirrorBuilder lossCountMax(int lossCountMax) {
    requireWithin("lossCountMax", lossCountMax, 0, LOSS_COUNT_LIMIT);
    this.lossCountMax = lossCountMax;
    return this;
  }

  /** Sets how long a larger loss must persist to be accepted, 0 to 1 day; default 3 min. */
  public MirrorBuilder lossAcceptDelay(Duration delay) {
    this.lossAcceptDelayMs = Durations.ms("lossAcceptDelay", delay, 0, DAY_MS);
    return this;
  }

  /**
   * Sets the interval between requests for the members of a native cluster, up to 1 day; default 30
   * s. The mirror fails over to them after all configured servers. Stock servers receive no such
   * request, and a node without a native cluster one in twenty intervals. Zero uses the configured
   * servers only.
   */
  public MirrorBuilder memberInterval(Duration interval) {
    this.memberIntervalMs = Durations.ms("memberInterval", interval, 0, DAY_MS);
    return this;
  }

  /** Sets the age from which a snapshot counts as stale, 1 ms to 1 day; default 90 s. */
  public MirrorBuilder staleAfter(Duration age) {
    this.staleMs = Durations.ms("staleAfter", age, 1, DAY_MS);
    return this;
  }

  /** Sets the listener for changes; default none. */
  public MirrorBuilder listener(MirrorListener listener) {
    this.listener = Objects.requireNonNull(listener, "listener");
    return this;
  }

  /**
   * Sets the PEM files for TLS; default the JDK's trusted certificates and no client certificate.
   */
  public MirrorBuilder tls(TlsFiles tls) {
    this.tls = Objects.requireNonNull(tls, "tls");
    return this;
  }

  /** Sets the clock; for tests. */
  public MirrorBuilder clock(Clock clock) {
    this.clock = Objects.requireNonNull(clock, "clock");
    return this;
  }

  /**
   * Starts the mirror, which begins to fetch at once.
   *
   * @throws IllegalArgumentException if there is no server, or a TLS file cannot be used
   */
  public RegistryMirror build() {
    if (servers.isEmpty()) {
      throw new IllegalArgumentException("servers is empty, at least one is required");
    }
    return new RegistryMirror(servers, config(), clock, listener, tls);
  }

  private static void requireWithin(String option, int value, int min, int max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          option + "=" + value + " is not within " + min + ".." + max);
    }
  }

  private MirrorConfig config() {
    return new MirrorConfig(
        isStreamEnabled,
        intervalMs,
        streamCheckMs,
        streamSilenceMs,
        connectTimeoutMs,
        responseTimeoutMs,
        retryMinMs,
        retryMaxMs,
        bodyBytesMax,
        lossShareMax,
        lossCountMax,
        lossAcceptDelayMs,
        memberIntervalMs,
        staleMs);
  }
}
