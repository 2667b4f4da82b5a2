// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.systole.client.api.HeartbeatListener;
import io.systole.client.api.InstanceSupplier;
import io.systole.client.api.RegistrationListener;
import io.systole.client.heartbeat.CallbackFailures;
import io.systole.client.heartbeat.GuardedListener;
import io.systole.client.heartbeat.InstanceUpdate;
import io.systole.client.heartbeat.Session;
import io.systole.client.net.Durations;
import io.systole.client.net.HostLookup;
import io.systole.client.net.LocalAddresses;
import io.systole.client.net.NameResolver;
import io.systole.client.net.Network;
import io.systole.client.net.ServerAddress;
import io.systole.client.net.TlsContext;
import io.systole.client.net.Transport;
import io.systole.client.net.Zone;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.RegistrationValidator;
import io.systole.protocol.time.Clock;
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
 * A client that keeps any number of instances registered at one registry over few pipelined
 * connections. It registers each instance, sends its heartbeats, registers it again if the registry
 * has lost its lease, and fails over between servers. Thread-safe.
 *
 * <p>After {@link #close} no method throws: futures fail with {@link IllegalStateException}, a new
 * registration is abandoned at once, and calls without a result have no effect.
 *
 * <pre>{@code
 * try (HeartbeatClient client = new ClientBuilder().server(url).build()) {
 *   client.register(instance).whenRegistered().get();
 *   ...
 * }
 * }</pre>
 */
public final class HeartbeatClient implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HeartbeatClient.class);

  /** Certificates are replaced hours before they expire; a check costs three file system calls. */
  private static final Duration TLS_FILES_INTERVAL = Duration.ofSeconds(10);

  /** Reserved for closing connections and threads. */
  private static final int CLOSE_RESERVE_MS_MAX = 1_000;

  private static final int CLOSE_RESERVE_DIVISOR = 5;

  private final ClientConfig config;
  private final @Nullable TlsContext tls;
  private final EventLoopGroup group;
  private final List<HeartbeatLoop> loops = new ArrayList<>();
  private final Clock clock;
  private final @Nullable GuardedListener allListener;
  private final CallbackFailures callbackFailures = new CallbackFailures();
  private final AtomicBoolean isClosed = new AtomicBoolean();
  private final CompletableFuture<Void> closed = new CompletableFuture<>();
  private final AtomicInteger nextLoop = new AtomicInteger();

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
    this.allListener = listener == null ? null : new GuardedListener(listener, callbackFailures);
    tls = usesTls(zones) ? new TlsContext(config.tls()) : null;
    if (tls != null) {
      tls.watch(TLS_FILES_INTERVAL);
    }
    Transport transport = Transport.AUTO.resolve();
    var network = new Network(transport, tls, new NameResolver(hostLookup), sources, resumesTls);
    group = transport.startLoops(config.loops());
    // Not configurable: clients with equal seeds would send in step.
    var seeds = new SplittableRandom();
    for (int index = 0; index < config.loops(); index++) {
      EventLoop eventLoop = group.next();
      var controller = new SessionController(
          eventLoop,
          network,
          config.isServerPerLoop() ? ZoneList.preferring(zones, index) : zones,
          config,
          config.share(index),
          clock,
          observers.get(),
          allListener,
          callbackFailures,
          seeds);
      var loop = new HeartbeatLoop(eventLoop, controller);
      loops.add(loop);
      loop.start();
    }
  }

  private static boolean usesTls(List<Zone> zones) {
    return zones.stream().flatMap(zone -> zone.servers().stream()).anyMatch(ServerAddress::isTls);
  }

  /** Returns the socket transport in use and the version of Netty. */
  public static String transport() {
    return Transport.AUTO.resolve().description();
  }

  /**
   * Registers an instance and keeps it alive. Its document is retained; each registration sets a
   * new dirty timestamp.
   *
   * @throws IllegalArgumentException if the document lacks a required field, or if application and
   *     id together are too long
   */
  public Registration register(InstanceInfo instance) {
    return begin(retaining(instance), null);
  }

  /** Registers an instance as {@link #register(InstanceInfo)} does, with its own listener. */
  public Registration register(InstanceInfo instance, RegistrationListener listener) {
    return begin(retaining(instance), guarded(listener));
  }

  private static InstanceSupplier retaining(InstanceInfo instance) {
    Objects.requireNonNull(instance, "instance");
    String reason = RegistrationValidator.refusalOf(instance, instance.app());
    if (reason != null) {
      throw new IllegalArgumentException("instance cannot be registered: " + reason);
    }
    return InstanceUpdate.retaining(instance);
  }

  private GuardedListener guarded(RegistrationListener listener) {
    return new GuardedListener(Objects.requireNonNull(listener, "listener"), callbackFailures);
  }

  /**
   * Registers an instance whose document is created on demand, and keeps it alive.
   *
   * @throws IllegalArgumentException if application or id is empty, or together too long
   */
  public Registration register(InstanceSupplier source) {
    return begin(Objects.requireNonNull(source, "source"), null);
  }

  /** Registers an instance as {@link #register(InstanceSupplier)} does, with its own listener. */
  public Registration register(InstanceSupplier source, RegistrationListener listener) {
    return begin(Objects.requireNonNull(source, "source"), guarded(listener));
  }

  private Registration begin(InstanceSupplier source, @Nullable GuardedListener own) {
    InstanceInfo instance = source.instance(clock.wallMs());
    Session session = Session.of(source, instance, own, allListener);
    HeartbeatLoop loop = loops.get(Math.floorMod(nextLoop.getAndIncrement(), loops.size()));
    long intervalMs = TimeUnit.SECONDS.toMillis(instance.leaseInfo().renewalIntervalSecs());
    loop.begin(session, Math.min(intervalMs, ClientConfig.DAY_MS));
    return new Registration(loop, session);
  }

  /** Changes when heartbeats are sent. Takes effect within milliseconds. */
  public void pace(SendMode sendMode) {
    Objects.requireNonNull(sendMode, "pace");
    loops.forEach(loop -> loop.pace(sendMode));
  }

  /**
   * Changes the interval of every instance and redistributes all due times over it. Takes effect
   * within milliseconds. Heartbeats already due are still sent.
   *
   * @param interval 1 ms to 1 day
   * @throws IllegalArgumentException if it is out of range
   */
  public void interval(Duration interval) {
    int intervalMs = Durations.ms("interval", interval, 1, ClientConfig.DAY_MS);
    loops.forEach(loop -> loop.intervalMs(intervalMs));
  }

  /** Samples the state of all event loops. Completes on an event loop. */
  public CompletableFuture<ClientState> state() {
    var sum = CompletableFuture.completedFuture(ClientState.EMPTY);
    for (HeartbeatLoop loop : loops) {
      sum = sum.thenCombine(loop.state(), ClientState::plus);
    }
    return sum.thenApply(state -> state.withCallbackFailures(callbackFailures.count()));
  }

  /** Cancels all instances. Completes when the server has confirmed each cancel. */
  public CompletableFuture<Void> cancelAll() {
    return CompletableFuture.allOf(
        loops.stream().map(HeartbeatLoop::cancelAll).toArray(CompletableFuture[]::new));
  }

  /**
   * Closes the client as {@link #closeAsync} does and waits until it has closed. Does not wait if
   * called on one of the client's event loops.
   */
  @Override
  public void close() {
    CompletableFuture<Void> completion = closeAsync();
    if (loops.stream().anyMatch(HeartbeatLoop::isCurrentThread)) {
      return;
    }
    try {
      completion.get();
    } catch (ExecutionException e) {
      log.error("unexpected failure while closing", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Cancels all instances, unless disabled by {@code cancelOnClose}, and closes all connections and
   * threads, within {@code closeTimeout} in total. An instance whose cancel is not confirmed in
   * time is abandoned; its lease expires. Idempotent. Never blocks.
   *
   * @return completes when everything has closed or the timeout has passed
   */
  public CompletableFuture<Void> closeAsync() {
    if (!isClosed.getAndSet(true)) {
      int reserveMs =
          Math.min(CLOSE_RESERVE_MS_MAX, config.closeTimeoutMs() / CLOSE_RESERVE_DIVISOR);
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
            "closed before all cancels were confirmed, closeTimeoutMs={}", config.closeTimeoutMs());
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
            log.error("unexpected failure while closing connections", failure);
          }
          group
              .shutdownGracefully(0, config.closeTimeoutMs(), TimeUnit.MILLISECONDS)
              .addListener(terminated -> closed.complete(null));
        });
  }
}
