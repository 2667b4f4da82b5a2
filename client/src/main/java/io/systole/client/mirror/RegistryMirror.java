// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

import io.systole.client.time.Clock;
import io.systole.client.tls.TlsContext;
import io.systole.client.tls.TlsFiles;
import io.systole.protocol.model.InstanceInfo;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A local, always current copy of a registry. It is fetched whole once, then followed: by the
 * stream of changes where the server has one, else by deltas, whose hash code tells when everything
 * must be fetched again. What was last known to be good is kept while no server has better.
 *
 * <p>Any thread reads, never waits, and keeps nobody from writing. Each read by itself is of one
 * moment; what several reads must agree on is read from one {@link #snapshot()}.
 *
 * <pre>{@code
 * try (RegistryMirror mirror = RegistryMirror.builder().server(url).build()) {
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
  private final MirrorLoop loop;
  private final MirrorReadiness ready = new MirrorReadiness();

  RegistryMirror(
      List<MirrorServer> servers,
      MirrorConfig config,
      Clock clock,
      MirrorListener listener,
      TlsFiles tls) {
    boolean isTls = servers.stream().anyMatch(MirrorServer::isTls);
    TlsContext context = isTls ? new TlsContext(tls) : null;
    staleMs = config.staleMs();
    snapshotHolder = new SnapshotHolder(clock, listener, counters);
    // What the HTTP client still brings after closing has nowhere to go, which is no error.
    thread = new ScheduledThreadPoolExecutor(
        1, RegistryMirror::daemon, new ThreadPoolExecutor.DiscardPolicy());
    thread.setRemoveOnCancelPolicy(true);
    loop = new MirrorLoop(
        new MirrorServerSelector(servers, clock),
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

  /** Returns a builder with the defaults. */
  public static MirrorBuilder builder() {
    return new MirrorBuilder();
  }

  /**
   * Completes when the first copy is there. Fails with an {@link java.io.IOException} that holds
   * the reasons when every server answers as no registry does: with a redirect, with 4xx, or with
   * something else than a list of applications; the mirror tries again all the same, and a later
   * call returns a new future. Servers that are down or busy are waited for. Fails with
   * {@link java.util.concurrent.CancellationException} when the mirror is closed before.
   *
   * <p>What depends on it runs on the mirror's thread and must not block. Each call returns a
   * future of its own.
   */
  public CompletableFuture<Void> whenReady() {
    return ready.future();
  }

  /**
   * Returns the current copy; empty before the first. Whatever is read from it belongs together.
   */
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

  /** Returns how many instances there are. */
  public int size() {
    return snapshot().size();
  }

  /** Returns the time since a server confirmed the copy, ms; the longest there is when none has. */
  public long ageMs() {
    return snapshotHolder.ageMs();
  }

  /** Returns whether the copy is older than the option {@code staleMs}, or not there yet. */
  public boolean isStale() {
    return ageMs() > staleMs;
  }

  /** Returns how the mirror fares. */
  public MirrorState state() {
    MirrorServer source = snapshotHolder.source();
    long ageMs = ageMs();
    return new MirrorState(
        source == null ? null : source.base(),
        snapshotHolder.isStreaming(),
        snapshotHolder.isDoubted(),
        ageMs,
        ageMs > staleMs,
        counters.fulls.get(),
        counters.deltas.get(),
        counters.events.get(),
        counters.unchanged.get(),
        counters.mismatches.get(),
        counters.doubts.get(),
        counters.failures.get(),
        counters.streamLosses.get(),
        counters.listenerFailures.get());
  }

  /** Asks the servers now; completes when that is over, however it went. */
  CompletableFuture<Void> refresh() {
    CompletableFuture<Void> over = new CompletableFuture<>();
    thread.execute(() -> loop.refresh(over));
    return over;
  }

  /**
   * Ends the connections and the thread. The last copy stays readable. The HTTP client's own thread
   * ends once the JDK has collected it. Closing twice does nothing more.
   */
  @Override
  public void close() {
    thread.execute(() -> {
      loop.close();
      thread.shutdownNow();
    });
  }
}
