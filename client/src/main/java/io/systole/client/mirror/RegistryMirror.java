// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

import io.systole.client.api.TlsFiles;
import io.systole.client.net.TlsContext;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A local copy of a registry, kept current. The full registry is fetched once, then changes are
 * received by stream if the server has one, else by deltas, whose hash code shows when the full
 * registry must be fetched again. The last valid snapshot is kept while no server is available.
 *
 * <p>Thread-safe; reads never block. Each read is consistent in itself; for several consistent
 * reads use one {@link #snapshot()}.
 *
 * <pre>{@code
 * try (RegistryMirror mirror = new MirrorBuilder().server(url).build()) {
 *   mirror.whenReady().get();
 *   mirror.up("ORDERS").forEach(instance -> ...);
 * }
 * }</pre>
 */
public final class RegistryMirror implements AutoCloseable {
  private final SnapshotHolder snapshotHolder;
  private final MirrorCounters counters = new MirrorCounters();
  private final int staleMs;
  private final ScheduledThreadPoolExecutor thread;
  private final MirrorServerSelector servers;
  private final MirrorLoop loop;
  private final MirrorReadiness ready = new MirrorReadiness();

  RegistryMirror(
      List<MirrorServer> configured,
      MirrorConfig config,
      Clock clock,
      MirrorListener listener,
      TlsFiles tls) {
    boolean isTls = configured.stream().anyMatch(MirrorServer::isTls);
    TlsContext context = isTls ? new TlsContext(tls) : null;
    staleMs = config.staleMs();
    snapshotHolder = new SnapshotHolder(clock, listener, counters);
    // Tasks of the HTTP client after closing are discarded.
    thread = new ScheduledThreadPoolExecutor(
        1, RegistryMirror::daemon, new ThreadPoolExecutor.DiscardPolicy());
    thread.setRemoveOnCancelPolicy(true);
    servers = new MirrorServerSelector(configured, clock, new SplittableRandom());
    loop = new MirrorLoop(
        servers,
        config,
        clock,
        snapshotHolder,
        counters,
        thread,
        new RegistryHttpClient(config, context, thread),
        ready);
    refresh();
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "systole-mirror");
    thread.setDaemon(true);
    return thread;
  }

  /**
   * Returns a future that completes when the first snapshot is available. It fails with an
   * {@link java.io.IOException} holding the reasons if no server is a registry: all responses are
   * redirects, 4xx, or not a list of applications. The mirror keeps trying, and a later call
   * returns a new future. While servers are down or overloaded the future waits. It fails with
   * {@link java.util.concurrent.CancellationException} if the mirror is closed first.
   *
   * <p>Dependent actions run on the mirror's thread and must not block. Each call returns a new
   * future.
   */
  public CompletableFuture<Void> whenReady() {
    return ready.future();
  }

  /** Returns the current snapshot; empty before the first. */
  public RegistrySnapshot snapshot() {
    return snapshotHolder.snapshot();
  }

  /** As {@link RegistrySnapshot#applications()}. */
  public Set<String> applications() {
    return snapshot().applications();
  }

  /** As {@link RegistrySnapshot#instances(String)}. */
  public Collection<InstanceInfo> instances(String app) {
    return snapshot().instances(app);
  }

  /** As {@link RegistrySnapshot#instances(String, Predicate)}. */
  public List<InstanceInfo> instances(String app, Predicate<InstanceInfo> filter) {
    return snapshot().instances(app, filter);
  }

  /** As {@link RegistrySnapshot#up(String)}. */
  public List<InstanceInfo> up(String app) {
    return snapshot().up(app);
  }

  /** As {@link RegistrySnapshot#instance(String, String)}. */
  public @Nullable InstanceInfo instance(String app, String id) {
    return snapshot().instance(app, id);
  }

  /** As {@link RegistrySnapshot#vip(String)}. */
  public Collection<InstanceInfo> vip(String address) {
    return snapshot().vip(address);
  }

  /** As {@link RegistrySnapshot#vip(String, Predicate)}. */
  public List<InstanceInfo> vip(String address, Predicate<InstanceInfo> filter) {
    return snapshot().vip(address, filter);
  }

  /** As {@link RegistrySnapshot#secureVip(String)}. */
  public Collection<InstanceInfo> secureVip(String address) {
    return snapshot().secureVip(address);
  }

  /** As {@link RegistrySnapshot#secureVip(String, Predicate)}. */
  public List<InstanceInfo> secureVip(String address, Predicate<InstanceInfo> filter) {
    return snapshot().secureVip(address, filter);
  }

  /** Returns the number of instances. */
  public int size() {
    return snapshot().size();
  }

  /**
   * Returns the time since a server confirmed the snapshot, ms; {@link Long#MAX_VALUE} if none has.
   */
  public long ageMs() {
    return snapshotHolder.ageMs();
  }

  /** Returns whether the snapshot is older than the option {@code staleAfter}, or absent. */
  public boolean isStale() {
    return ageMs() > staleMs;
  }

  /** Returns the state of the mirror. */
  public MirrorState state() {
    MirrorServer source = snapshotHolder.source();
    long ageMs = ageMs();
    return new MirrorState(
        source == null ? null : source.base(),
        servers.urls(),
        snapshotHolder.isStreaming(),
        snapshotHolder.isDoubted(),
        ageMs,
        ageMs > staleMs,
        counters.fulls.get(),
        counters.deltas.get(),
        counters.events.get(),
        counters.unchanged.get(),
        counters.mismatches.get(),
        counters.massLosses.get(),
        counters.failures.get(),
        counters.streamLosses.get(),
        counters.listenerFailures.get());
  }

  /** Starts a round; completes when it has ended, regardless of its result. */
  CompletableFuture<Void> refresh() {
    CompletableFuture<Void> done = new CompletableFuture<>();
    thread.execute(() -> loop.refresh(done));
    return done;
  }

  /**
   * Closes the connections and the thread. The last snapshot stays readable. The HTTP client's own
   * thread ends once the JDK has collected it. Idempotent.
   */
  @Override
  public void close() {
    thread.execute(() -> {
      loop.close();
      thread.shutdownNow();
    });
  }
}
