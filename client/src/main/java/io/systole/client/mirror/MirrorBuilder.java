// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

import io.systole.client.time.Clock;
import io.systole.client.time.Durations;
import io.systole.client.tls.TlsFiles;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * Gathers the options of a mirror; only {@link #servers} has no default. For one thread.
 *
 * <p>Each method throws {@link NullPointerException} or {@link IllegalArgumentException}, naming
 * the option and its range, when its argument is null or out of range.
 */
public final class MirrorBuilder {
  private static final int DAY_MS = 86_400_000;
  private static final int WAIT_MS_MAX = 3_600_000;
  private static final int BODY_BYTES_LEAST = 1_024;
  private static final int BODY_BYTES_MOST = 1 << 30;
  private static final int LOSS_COUNT_MOST = 1_000_000;

  private List<MirrorServer> servers = List.of();
  private boolean isStreamWanted = true;
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
  private int lossHoldMs = 180_000;
  private int staleMs = 90_000;
  private Clock clock = Clock.SYSTEM;
  private MirrorListener listener = MirrorListener.NONE;
  private TlsFiles tls = TlsFiles.NONE;

  MirrorBuilder() {}

  /** Sets the only server, {@code http[s]://[user:password@]host[:port]/base}. */
  public MirrorBuilder server(URI server) {
    Objects.requireNonNull(server, "server");
    return servers(List.of(server));
  }

  /** Sets the servers, the one to begin with first; when one fails the next is requested. */
  public MirrorBuilder servers(List<URI> servers) {
    Objects.requireNonNull(servers, "servers");
    this.servers = servers.stream().map(MirrorServer::of).toList();
    return this;
  }

  /** Sets whether a server's stream of changes is followed where it has one; so unless set. */
  public MirrorBuilder stream(boolean isWanted) {
    this.isStreamWanted = isWanted;
    return this;
  }

  /** Sets how often deltas are fetched, 1 ms to 1 day; 30 s unless set. */
  public MirrorBuilder interval(Duration interval) {
    this.intervalMs = Durations.ms("interval", interval, 1, DAY_MS);
    return this;
  }

  /** Sets how often a copy kept by a stream is checked, 1 ms to 1 day; 5 min unless set. */
  public MirrorBuilder streamCheckInterval(Duration interval) {
    this.streamCheckMs = Durations.ms("streamCheckInterval", interval, 1, DAY_MS);
    return this;
  }

  /** Sets after which silence a stream is lost, 2 ms to 1 h; 60 s unless set. */
  public MirrorBuilder streamSilenceTimeout(Duration timeout) {
    this.streamSilenceMs = Durations.ms("streamSilenceTimeout", timeout, 2, WAIT_MS_MAX);
    return this;
  }

  /** Sets how long connecting may take, 1 ms to 1 h; 3 s unless set. */
  public MirrorBuilder connectTimeout(Duration timeout) {
    this.connectTimeoutMs = Durations.ms("connectTimeout", timeout, 1, WAIT_MS_MAX);
    return this;
  }

  /** Sets how long a whole answer may take, 1 ms to 1 h; 30 s unless set. */
  public MirrorBuilder responseTimeout(Duration timeout) {
    this.responseTimeoutMs = Durations.ms("answerTimeout", timeout, 1, WAIT_MS_MAX);
    return this;
  }

  /**
   * Sets the first and the longest wait after all have failed, 1 ms to 1 h; 1 s, 30 s unless set.
   */
  public MirrorBuilder retryDelay(Duration min, Duration max) {
    this.retryMaxMs = Durations.ms("retryDelay max", max, 1, WAIT_MS_MAX);
    this.retryMinMs = Durations.ms("retryDelay min", min, 1, retryMaxMs);
    return this;
  }

  /** Bounds an answer, packed and unpacked, 1_024..1_073_741_824 bytes; 268_435_456 unless set. */
  public MirrorBuilder bodyBytesMax(int bodyBytesMax) {
    requireWithin("bodyBytesMax", bodyBytesMax, BODY_BYTES_LEAST, BODY_BYTES_MOST);
    this.bodyBytesMax = bodyBytesMax;
    return this;
  }

  /**
   * Sets which share of the held instances a full answer may lack and be believed at once, 0..1;
   * 0.15 unless set, which is what registries themselves refuse to lose. 1 believes everything.
   */
  public MirrorBuilder lossShareMax(double lossShareMax) {
    if (!(lossShareMax >= 0 && lossShareMax <= 1)) {
      throw new IllegalArgumentException("lossShareMax=" + lossShareMax + " is not within 0..1");
    }
    this.lossShareMax = lossShareMax;
    return this;
  }

  /**
   * Sets how many instances a full answer may lack and be believed at once whatever their share,
   * 0..1_000_000, but never more than half of those held; 3 unless set, the default share of
   * twenty. In a smaller registry the share alone would keep an instance that has properly ended
   * for as long as {@link #lossHold}. 0 leaves it to the share.
   */
  public MirrorBuilder lossCountMax(int lossCountMax) {
    requireWithin("lossCountMax", lossCountMax, 0, LOSS_COUNT_MOST);
    this.lossCountMax = lossCountMax;
    return this;
  }

  /** Sets how long a larger loss must be seen to be believed, 0 to 1 day; 3 min unless set. */
  public MirrorBuilder lossHold(Duration hold) {
    this.lossHoldMs = Durations.ms("lossHold", hold, 0, DAY_MS);
    return this;
  }

  /** Sets from which age a copy counts as stale, 1 ms to 1 day; 90 s unless set. */
  public MirrorBuilder staleAfter(Duration age) {
    this.staleMs = Durations.ms("staleAfter", age, 1, DAY_MS);
    return this;
  }

  /** Sets the listener of all changes; none unless set. */
  public MirrorBuilder listener(MirrorListener listener) {
    this.listener = Objects.requireNonNull(listener, "listener");
    return this;
  }

  /** Sets the PEM files for TLS; the JDK's trust and no certificate of one's own unless set. */
  public MirrorBuilder tls(TlsFiles tls) {
    this.tls = Objects.requireNonNull(tls, "tls");
    return this;
  }

  /** Sets the source of time; for tests. */
  public MirrorBuilder clock(Clock clock) {
    this.clock = Objects.requireNonNull(clock, "clock");
    return this;
  }

  /**
   * Starts the mirror, which begins to fetch at once.
   *
   * @throws IllegalArgumentException when there is no server, or a TLS file cannot be used
   */
  public RegistryMirror build() {
    if (servers.isEmpty()) {
      throw new IllegalArgumentException("servers is empty, at least one is needed");
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
        isStreamWanted,
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
        lossHoldMs,
        staleMs);
  }
}
