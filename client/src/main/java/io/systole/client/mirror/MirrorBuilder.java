// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

import io.systole.client.time.Clock;
import java.net.URI;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Gathers the options of a mirror; only {@link #servers} has no default. For one thread. */
public final class MirrorBuilder {
  private List<URI> servers = List.of();
  private boolean isStreamWanted = true;
  private int intervalMs = 30_000;
  private int streamCheckMs = 300_000;
  private int streamSilenceMs = 60_000;
  private int connectTimeoutMs = 3_000;
  private int answerTimeoutMs = 30_000;
  private int retryMinMs = 1_000;
  private int retryMaxMs = 30_000;
  private int bodyBytesMax = 256 << 20;
  private double lossShareMax = 0.15;
  private int lossHoldMs = 180_000;
  private int staleMs = 90_000;
  private Clock clock = Clock.SYSTEM;
  private MirrorListener listener = MirrorListener.NONE;
  private @Nullable SSLContext tls;

  MirrorBuilder() {}

  /** Sets the only server, {@code http[s]://[user:password@]host[:port]/base}. */
  public MirrorBuilder server(URI server) {
    return servers(List.of(server));
  }

  /** Sets the servers, the one to begin with first; when one fails the next is asked. */
  public MirrorBuilder servers(List<URI> servers) {
    this.servers = List.copyOf(servers);
    return this;
  }

  /** Sets whether a server's stream of changes is followed where it has one; so unless set. */
  public MirrorBuilder stream(boolean isWanted) {
    this.isStreamWanted = isWanted;
    return this;
  }

  /** Sets how often deltas are fetched, 1..86_400_000 ms; 30_000 unless set. */
  public MirrorBuilder intervalMs(int intervalMs) {
    this.intervalMs = intervalMs;
    return this;
  }

  /** Sets how often a copy kept by a stream is checked, 1..86_400_000 ms; 300_000 unless set. */
  public MirrorBuilder streamCheckMs(int streamCheckMs) {
    this.streamCheckMs = streamCheckMs;
    return this;
  }

  /** Sets how long a stream may be silent, 2..3_600_000 ms; 60_000 unless set. */
  public MirrorBuilder streamSilenceMs(int streamSilenceMs) {
    this.streamSilenceMs = streamSilenceMs;
    return this;
  }

  /** Sets how long connecting may take, 1..3_600_000 ms; 3_000 unless set. */
  public MirrorBuilder connectTimeoutMs(int connectTimeoutMs) {
    this.connectTimeoutMs = connectTimeoutMs;
    return this;
  }

  /** Sets how long a whole answer may take, 1..3_600_000 ms; 30_000 unless set. */
  public MirrorBuilder answerTimeoutMs(int answerTimeoutMs) {
    this.answerTimeoutMs = answerTimeoutMs;
    return this;
  }

  /** Sets the first and the longest wait after all have failed, ms; 1_000 and 30_000 unless set. */
  public MirrorBuilder retryMs(int minMs, int maxMs) {
    this.retryMinMs = minMs;
    this.retryMaxMs = maxMs;
    return this;
  }

  /** Bounds an answer, packed and unpacked, 1_024..1_073_741_824 bytes; 268_435_456 unless set. */
  public MirrorBuilder bodyBytesMax(int bodyBytesMax) {
    this.bodyBytesMax = bodyBytesMax;
    return this;
  }

  /**
   * Sets which share of the held instances a full answer may lack and be believed at once, 0..1;
   * 0.15 unless set, which is what registries themselves refuse to lose. 1 believes everything.
   */
  public MirrorBuilder lossShareMax(double lossShareMax) {
    this.lossShareMax = lossShareMax;
    return this;
  }

  /** Sets how long a larger loss must be seen to be believed, 0..86_400_000 ms; 180_000. */
  public MirrorBuilder lossHoldMs(int lossHoldMs) {
    this.lossHoldMs = lossHoldMs;
    return this;
  }

  /** Sets from which age a copy counts as stale, 1..86_400_000 ms; 90_000 unless set. */
  public MirrorBuilder staleMs(int staleMs) {
    this.staleMs = staleMs;
    return this;
  }

  /** Sets who is told of each change; nobody unless set. */
  public MirrorBuilder listener(MirrorListener listener) {
    this.listener = listener;
    return this;
  }

  /** Sets whom to trust, and as whom to come, over TLS; the JDK's default unless set. */
  public MirrorBuilder tls(SSLContext tls) {
    this.tls = tls;
    return this;
  }

  /** Sets where the time comes from. */
  public MirrorBuilder clock(Clock clock) {
    this.clock = clock;
    return this;
  }

  /**
   * Starts the mirror, which begins to fetch at once.
   *
   * @throws IllegalArgumentException naming the option that is out of its range
   */
  public RegistryMirror build() {
    if (servers.isEmpty()) {
      throw new IllegalArgumentException("servers is empty, at least one is needed");
    }
    return new RegistryMirror(
        servers.stream().map(MirrorServer::of).toList(), config(), clock, listener, tls);
  }

  private MirrorConfig config() {
    return new MirrorConfig(
        isStreamWanted,
        intervalMs,
        streamCheckMs,
        streamSilenceMs,
        connectTimeoutMs,
        answerTimeoutMs,
        retryMinMs,
        retryMaxMs,
        bodyBytesMax,
        lossShareMax,
        lossHoldMs,
        staleMs);
  }
}
