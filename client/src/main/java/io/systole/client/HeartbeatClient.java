// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import io.netty.channel.EventLoopGroup;
import io.netty.handler.ssl.SslContext;
import io.systole.client.beat.BeatObserver;
import io.systole.client.beat.InstanceSource;
import io.systole.client.beat.Listening;
import io.systole.client.beat.RegistrationListener;
import io.systole.client.beat.Revision;
import io.systole.client.beat.Session;
import io.systole.client.net.ServerAddress;
import io.systole.client.net.Transport;
import io.systole.client.net.Zone;
import io.systole.client.time.Clock;
import io.systole.protocol.model.InstanceInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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
 * <pre>{@code
 * try (HeartbeatClient client = HeartbeatClient.builder().server(url).build()) {
 *   client.register(instance).whenRegistered().get();
 *   ...
 * }
 * }</pre>
 */
public final class HeartbeatClient implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HeartbeatClient.class);

  private final ClientConfig config;
  private final EventLoopGroup group;
  private final List<BeatLoop> loops = new ArrayList<>();
  private final Clock clock;
  private final @Nullable Listening listening;
  private final AtomicBoolean isClosed = new AtomicBoolean();
  private final AtomicInteger next = new AtomicInteger();

  HeartbeatClient(
      List<Zone> zones,
      ClientConfig config,
      Clock clock,
      Supplier<? extends BeatObserver> observers,
      @Nullable RegistrationListener listener) {
    this.config = config;
    this.clock = clock;
    this.listening = listener == null ? null : new Listening(listener);
    SslContext tls = usesTls(zones) ? config.tls().context() : null;
    Transport transport = Transport.available();
    group = transport.startLoops(config.loops());
    // Two clients must not beat in step, so this seed is nobody's choice.
    var seeds = new SplittableRandom();
    for (int index = 0; index < config.loops(); index++) {
      var loop = new BeatLoop(
          group.next(),
          transport,
          zones,
          tls,
          config,
          config.share(index),
          clock,
          observers.get(),
          listening,
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
   * @throws IllegalArgumentException when application or id is empty, or together too long
   */
  public Registration register(InstanceInfo instance) {
    return register(Revision.held(instance));
  }

  /** As {@link #register(InstanceInfo)}, with someone who hears of this instance's fate. */
  public Registration register(InstanceInfo instance, RegistrationListener listener) {
    return register(Revision.held(instance), listener);
  }

  /**
   * Registers an instance whose document is made when it is needed, and keeps it alive.
   *
   * @throws IllegalArgumentException when application or id is empty, or together too long
   */
  public Registration register(InstanceSource source) {
    return begin(source, null);
  }

  /** As {@link #register(InstanceSource)}, with someone who hears of this instance's fate. */
  public Registration register(InstanceSource source, RegistrationListener listener) {
    return begin(source, new Listening(listener));
  }

  private Registration begin(InstanceSource source, @Nullable Listening own) {
    InstanceInfo instance = source.instance(clock.wallMs());
    Session session = Session.of(source, instance, own, listening);
    BeatLoop loop = loops.get(Math.floorMod(next.getAndIncrement(), loops.size()));
    long intervalMs = TimeUnit.SECONDS.toMillis(instance.leaseInfo().renewalIntervalSecs());
    loop.begin(session, Math.min(intervalMs, ClientConfig.INTERVAL_MS_MAX));
    return new Registration(loop, session);
  }

  /** Changes what decides when heartbeats go out; takes effect within moments. */
  public void pace(Pace pace) {
    loops.forEach(loop -> loop.pace(pace));
  }

  /**
   * Changes the interval of every instance and spreads the whole fleet over it anew; takes effect
   * within moments. A heartbeat that is due is not taken back.
   *
   * @param intervalMs 1..86_400_000
   * @throws IllegalArgumentException when it is not within that range
   */
  public void intervalMs(int intervalMs) {
    if (intervalMs < 1 || intervalMs > ClientConfig.INTERVAL_MS_MAX) {
      throw new IllegalArgumentException(
          "intervalMs=" + intervalMs + " is not within 1.." + ClientConfig.INTERVAL_MS_MAX);
    }
    loops.forEach(loop -> loop.intervalMs(intervalMs));
  }

  /** Takes stock. Completes on an event loop. */
  public CompletableFuture<ClientState> state() {
    var sum = CompletableFuture.completedFuture(ClientState.EMPTY);
    for (BeatLoop loop : loops) {
      sum = sum.thenCombine(loop.state(), ClientState::plus);
    }
    return sum;
  }

  /** Cancels all instances; completes when the server has confirmed each. */
  public CompletableFuture<Void> cancelAll() {
    return CompletableFuture.allOf(
        loops.stream().map(BeatLoop::cancelAll).toArray(CompletableFuture[]::new));
  }

  /**
   * Cancels all instances, unless the client was built not to, and ends all connections and
   * threads. Waits no longer than the option {@code closeTimeoutMs} for either; an instance that
   * the server has not confirmed by then is abandoned, its lease runs out by itself. Closing twice
   * does nothing more.
   */
  @Override
  public void close() {
    if (isClosed.getAndSet(true)) {
      return;
    }
    if (config.cancelOnClose()) {
      await("cancels", cancelAll());
    }
    var closed = loops.stream().map(BeatLoop::close).toArray(CompletableFuture[]::new);
    await("connections", CompletableFuture.allOf(closed));
    var ended = group.shutdownGracefully(0, config.closeTimeoutMs(), TimeUnit.MILLISECONDS);
    ended.awaitUninterruptibly(config.closeTimeoutMs());
  }

  private void await(String what, CompletableFuture<Void> future) {
    try {
      future.get(config.closeTimeoutMs(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      log.warn("closed before all {} ended closeTimeoutMs={}", what, config.closeTimeoutMs());
    } catch (ExecutionException e) {
      log.error("defect while closing {}", what, e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
