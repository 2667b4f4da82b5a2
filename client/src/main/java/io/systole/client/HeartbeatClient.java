// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import io.netty.channel.EventLoopGroup;
import io.systole.client.heartbeat.CallbackFailures;
import io.systole.client.heartbeat.GuardedListener;
import io.systole.client.heartbeat.HeartbeatListener;
import io.systole.client.heartbeat.InstanceSupplier;
import io.systole.client.heartbeat.InstanceUpdate;
import io.systole.client.heartbeat.RegistrationListener;
import io.systole.client.heartbeat.Session;
import io.systole.client.net.HostLookup;
import io.systole.client.net.LocalAddresses;
import io.systole.client.net.NameResolver;
import io.systole.client.net.Network;
import io.systole.client.net.ServerAddress;
import io.systole.client.net.Transport;
import io.systole.client.net.Zone;
import io.systole.client.time.Clock;
import io.systole.client.time.Durations;
import io.systole.client.tls.TlsContext;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.RegistrationValidator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps any number of instances alive at one registry: registers them, sends each one's heartbeats
 * at its interval over few pipelined connections, registers again when the registry has forgotten
 * one, and goes to another of its servers when one was lost. Any thread may call.
 *
 * <p>After {@link #close} nothing throws: each future fails with {@link IllegalStateException}, a
 * registration begins abandoned, and calls without a result have no effect.
 *
 * <pre>{@code
 * try (HeartbeatClient client = HeartbeatClient.builder().server(url).build()) {
 *   client.register(instance).whenRegistered().get();
 *   ...
 * }
 * }</pre>
 */
public final class HeartbeatClient implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HeartbeatClient.class);

  /**
   * Certificates are replaced hours before they expire; a look is three calls of the file system.
   */
  private static final Duration TLS_FILES_INTERVAL = Duration.ofSeconds(10);

  /** Kept of the time for closing, so that connections and threads end within it too. */
  private static final int CLOSE_RESERVE_MS_MAX = 1_000;

  private static final int CLOSE_RESERVE_PART = 5;

  private final ClientConfig config;
  private final @Nullable TlsContext tls;
  private final EventLoopGroup group;
  private final List<HeartbeatLoop> loops = new ArrayList<>();
  private final Clock clock;
  private final @Nullable GuardedListener listening;
  private final CallbackFailures callbackFailures = new CallbackFailures();
  private final AtomicBoolean isClosed = new AtomicBoolean();
  private final CompletableFuture<Void> closed = new CompletableFuture<>();
  private final AtomicInteger next = new AtomicInteger();

  HeartbeatClient(
      List<Zone> zones,
      ClientConfig config,
      Clock clock,
      Supplier<? extends HeartbeatListener> observers,
      @Nullable RegistrationListener listener,
      HostLookup hostLookup,
      LocalAddresses sources,
      boolean resumesTls) {
    this.config = config;
    this.clock = clock;
    this.listening = listener == null ? null : new GuardedListener(listener, callbackFailures);
    tls = usesTls(zones) ? new TlsContext(config.tls()) : null;
    if (tls != null) {
      tls.watch(TLS_FILES_INTERVAL);
    }
    Transport transport = Transport.available();
    var network = new Network(transport, tls, new NameResolver(hostLookup), sources, resumesTls);
    group = transport.startLoops(config.loops());
    // Two clients must not beat in step, so this seed is nobody's choice.
    var seeds = new SplittableRandom();
    for (int index = 0; index < config.loops(); index++) {
      var loop = new HeartbeatLoop(
          group.next(),
          network,
          zones,
          config,
          config.share(index),
          clock,
          observers.get(),
          listening,
          callbackFailures,
          seeds);
      loops.add(loop);
      loop.start();
    }
  }

  private static boolean usesTls(List<Zone> zones) {
    return zones.stream().flatMap(zone -> zone.servers().stream()).anyMatch(ServerAddress::isTls);
  }

  /** Returns a builder with the defaults. */
  public static ClientBuilder builder() {
    return new ClientBuilder();
  }

  /** Returns how clients on this machine wait for their sockets, and through which Netty. */
  public static String transport() {
    return Transport.available().description();
  }

  /**
   * Registers an instance and keeps it alive. Its document is kept; only the dirty timestamp is set
   * anew for each registration.
   *
   * @throws IllegalArgumentException when the document lacks what every registry requires, or
   *     application and id are together too long
   */
  public Registration register(InstanceInfo instance) {
    return begin(held(instance), null);
  }

  /** As {@link #register(InstanceInfo)}, with someone who hears of this instance's fate. */
  public Registration register(InstanceInfo instance, RegistrationListener listener) {
    return begin(held(instance), listening(listener));
  }

  private static InstanceSupplier held(InstanceInfo instance) {
    Objects.requireNonNull(instance, "instance");
    String refusal = RegistrationValidator.refusalOf(instance, instance.app());
    if (refusal != null) {
      throw new IllegalArgumentException("instance cannot be registered: " + refusal);
    }
    return InstanceUpdate.held(instance);
  }

  private GuardedListener listening(RegistrationListener listener) {
    return new GuardedListener(Objects.requireNonNull(listener, "listener"), callbackFailures);
  }

  /**
   * Registers an instance whose document is made when it is needed, and keeps it alive.
   *
   * @throws IllegalArgumentException when application or id is empty, or together too long
   */
  public Registration register(InstanceSupplier source) {
    return begin(Objects.requireNonNull(source, "source"), null);
  }

  /** As {@link #register(InstanceSupplier)}, with someone who hears of this instance's fate. */
  public Registration register(InstanceSupplier source, RegistrationListener listener) {
    return begin(Objects.requireNonNull(source, "source"), listening(listener));
  }

  private Registration begin(InstanceSupplier source, @Nullable GuardedListener own) {
    InstanceInfo instance = source.instance(clock.wallMs());
    Session session = Session.of(source, instance, own, listening);
    HeartbeatLoop loop = loops.get(Math.floorMod(next.getAndIncrement(), loops.size()));
    long intervalMs = TimeUnit.SECONDS.toMillis(instance.leaseInfo().renewalIntervalSecs());
    loop.begin(session, Math.min(intervalMs, ClientConfig.DAY_MS));
    return new Registration(loop, session);
  }

  /** Changes what decides when heartbeats go out; takes effect within moments. */
  public void pace(SendMode sendMode) {
    Objects.requireNonNull(sendMode, "pace");
    loops.forEach(loop -> loop.pace(sendMode));
  }

  /**
   * Changes the interval of every instance and spreads the whole fleet over it anew; takes effect
   * within moments. A heartbeat that is due is not taken back.
   *
   * @param interval 1 ms to 1 day
   * @throws IllegalArgumentException when it is not within that range
   */
  public void interval(Duration interval) {
    int intervalMs = Durations.ms("interval", interval, 1, ClientConfig.DAY_MS);
    loops.forEach(loop -> loop.intervalMs(intervalMs));
  }

  /** Takes stock. Completes on an event loop. */
  public CompletableFuture<ClientState> state() {
    var sum = CompletableFuture.completedFuture(ClientState.EMPTY);
    for (HeartbeatLoop loop : loops) {
      sum = sum.thenCombine(loop.state(), ClientState::plus);
    }
    return sum.thenApply(state -> state.withCallbackFailures(callbackFailures.count()));
  }

  /** Cancels all instances; completes when the server has confirmed each. */
  public CompletableFuture<Void> cancelAll() {
    return CompletableFuture.allOf(
        loops.stream().map(HeartbeatLoop::cancelAll).toArray(CompletableFuture[]::new));
  }

  /**
   * Closes the client as {@link #closeAsync} does, and waits for it. On one of the client's event
   * loops, where listeners are called and futures complete, it does not wait.
   */
  @Override
  public void close() {
    CompletableFuture<Void> ended = closeAsync();
    if (loops.stream().anyMatch(HeartbeatLoop::isCurrentThread)) {
      return;
    }
    try {
      ended.get();
    } catch (ExecutionException e) {
      log.error("defect while closing", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Cancels all instances, unless the client was built not to, and ends all connections and
   * threads, within the option {@code closeTimeout} in all; an instance whose cancel the server has
   * not confirmed by then is abandoned, its lease runs out by itself. Closing twice does nothing
   * more. Never blocks.
   *
   * @return completes when all of it has ended or the time is over
   */
  public CompletableFuture<Void> closeAsync() {
    if (!isClosed.getAndSet(true)) {
      int reserveMs = Math.min(CLOSE_RESERVE_MS_MAX, config.closeTimeoutMs() / CLOSE_RESERVE_PART);
      closed.completeOnTimeout(null, config.closeTimeoutMs(), TimeUnit.MILLISECONDS);
      cancelWithin(config.closeTimeoutMs() - reserveMs).whenComplete((done, failure) -> end());
    }
    return closed.copy();
  }

  private CompletableFuture<Void> cancelWithin(int timeoutMs) {
    if (!config.cancelOnClose()) {
      return CompletableFuture.completedFuture(null);
    }
    return cancelAll().orTimeout(timeoutMs, TimeUnit.MILLISECONDS).whenComplete((done, failure) -> {
      if (failure != null) {
        log.warn(
            "closed before all cancels were confirmed closeTimeoutMs={}", config.closeTimeoutMs());
      }
    });
  }

  private void end() {
    if (tls != null) {
      tls.close();
    }
    CompletableFuture.allOf(
            loops.stream().map(HeartbeatLoop::close).toArray(CompletableFuture[]::new))
        .whenComplete((done, failure) -> {
          if (failure != null) {
            log.error("defect while closing connections", failure);
          }
          group
              .shutdownGracefully(0, config.closeTimeoutMs(), TimeUnit.MILLISECONDS)
              .addListener(terminated -> closed.complete(null));
        });
  }
}
