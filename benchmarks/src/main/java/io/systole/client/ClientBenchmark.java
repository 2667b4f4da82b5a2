// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.systole.benchmarks.BenchmarkFleet;
import io.systole.benchmarks.ForkFlags;
import io.systole.client.api.HeartbeatListener;
import io.systole.client.api.InstanceSupplier;
import io.systole.client.heartbeat.CallbackFailures;
import io.systole.client.heartbeat.GuardedListener;
import io.systole.client.heartbeat.Session;
import io.systole.client.net.Connection;
import io.systole.client.net.EmbeddedClientConnection;
import io.systole.client.net.HostLookup;
import io.systole.client.net.LocalAddresses;
import io.systole.client.net.NameResolver;
import io.systole.client.net.Network;
import io.systole.client.net.ServerAddress;
import io.systole.client.net.Transport;
import io.systole.client.net.Zone;
import io.systole.protocol.time.Clock;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: what does one heartbeat cost the client, from the tick of the timer wheel at which it
 * is due to the delivery of its response, excluding the kernel? Held fixed: one connection with 256
 * requests in flight, whose writes are discarded and whose server renews everything; all responses
 * of a batch arrive in one read. The score is per heartbeat. {@code fullSpeed} excludes the wheel:
 * each read is followed by the next batch, as at peak load.
 *
 * <p>The code would change if a heartbeat allocated more than its share of the one write buffer, if
 * an idle listener had a measurable cost, or if the client alone came near 0.19 µs.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(ClientBenchmark.IN_FLIGHT)
@Fork(
    value = 3,
    jvmArgsAppend = {"-Xms3g", "-Xmx3g", ForkFlags.PRE_TOUCH})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class ClientBenchmark {
  static final int IN_FLIGHT = 256;

  private static final String RENEWED = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  private static final String REGISTERED = "HTTP/1.1 204 No Content\r\n\r\n";
  /** Tick of the timer wheel of an event loop. */
  private static final long TICK_MS = 1;

  /** A clock that is advanced together with that of the event loop. */
  private static final class BenchmarkClock implements Clock {
    private long nowMs;

    @Override
    public long monotonicNs() {
      return TimeUnit.MILLISECONDS.toNanos(nowMs);
    }

    @Override
    public long wallMs() {
      return BenchmarkFleet.DIRTY_MS + nowMs;
    }
  }

  /** The event loop of a client, all of whose instances are registered. */
  @State(Scope.Thread)
  public static class Client {
    /** A multiple of the batch size, so that each tick has the same number of heartbeats. */
    @Param({"10240", "1024000"})
    public int instances;

    @Param({"false", "true"})
    public boolean hasListener;

    private final BenchmarkClock clock = new BenchmarkClock();
    private final EmbeddedClientConnection socket = new EmbeddedClientConnection();
    private final ByteBuf renewals = responses(RENEWED);
    private long eventsReceived;
    private @Nullable HeartbeatLoop loop;
    private @Nullable SessionController controller;
    private @Nullable Connection connection;

    private static ByteBuf responses(String response) {
      return Unpooled.directBuffer().writeBytes(response.repeat(IN_FLIGHT).getBytes(US_ASCII));
    }

    /** Registers all instances. */
    @Setup
    public void register() {
      ServerAddress server = ServerAddress.of(URI.create("http://127.0.0.1:8761/v2"));
      ClientConfig config = new ClientBuilder()
          .inFlightMax(IN_FLIGHT)
          .changesInFlightMax(IN_FLIGHT)
          .changesPerSecMax(0)
          .interval(Duration.ofMillis(TICK_MS * instances / IN_FLIGHT))
          .config();
      var failures = new CallbackFailures();
      GuardedListener guarded =
          hasListener ? new GuardedListener(event -> eventsReceived++, failures) : null;
      SessionController newController = new SessionController(
          socket.loop(),
          new Network(
              Transport.NIO,
              null,
              new NameResolver(HostLookup.SYSTEM),
              new LocalAddresses(List.of()),
              true),
          List.of(new Zone("default", List.of(server))),
          config,
          config.share(0),
          clock,
          HeartbeatListener.NONE,
          guarded,
          failures,
          new SplittableRandom(42));
      HeartbeatLoop newLoop = new HeartbeatLoop(socket.loop(), newController);
      loop = newLoop;
      controller = newController;
      connection = socket.open(server, config.connectionSettings(), clock, newController);
      socket.freezeTime();
      BenchmarkFleet fleet = new BenchmarkFleet(instances);
      for (int i = 0; i < instances; i++) {
        int index = i;
        InstanceSupplier source = lastDirtyMs ->
            fleet.document(index).toBuilder().lastDirtyMs(lastDirtyMs).build();
        newLoop.begin(Session.of(source, source.instance(0), null, guarded), 0);
      }
      socket.runPendingTasks();
      ByteBuf registrations = responses(REGISTERED);
      for (int sent = send(); sent > 0; sent = inFlight()) {
        deliver(registrations, REGISTERED);
      }
    }

    void pace(SendMode sendMode) {
      Objects.requireNonNull(loop).pace(sendMode);
      socket.runPendingTasks();
    }

    int inFlight() {
      return Objects.requireNonNull(connection).inFlight();
    }

    /** Advances the clock by one tick and sends the due heartbeats. */
    int send() {
      clock.nowMs += TICK_MS;
      socket.advanceTimeBy(TICK_MS, TimeUnit.MILLISECONDS);
      socket.runScheduledPendingTasks();
      Objects.requireNonNull(controller).cycleEnded(Objects.requireNonNull(connection), 0);
      return inFlight();
    }

    /** Delivers the responses to all requests in flight. */
    long renew() {
      return deliver(renewals, RENEWED);
    }

    private long deliver(ByteBuf responses, String response) {
      return socket.receive(responses.retainedSlice(0, inFlight() * response.length()));
    }

    /** Requires that all instances are alive and none waits. */
    @TearDown(Level.Iteration)
    public void check() {
      var pending = Objects.requireNonNull(loop).state();
      socket.runPendingTasks();
      ClientState state = pending.join();
      boolean isMissing = hasListener && eventsReceived != instances;
      if (state.alive() != instances || state.beatsWaiting() > IN_FLIGHT || isMissing) {
        throw new IllegalStateException(
            "expected " + instances + " alive, got " + state + ", events " + eventsReceived);
      }
    }
  }

  /** A client whose connection is always full. */
  public static class FullSpeed extends Client {
    /** Fills the connection for the first time. */
    @Override
    public void register() {
      super.register();
      pace(SendMode.FULL_SPEED);
      send();
    }
  }

  /** Measures heartbeats that become due, are sent and receive their responses. */
  @Benchmark
  public long interval(Client client) {
    client.send();
    return client.renew();
  }

  /** Measures responses that are each followed by the next request. */
  @Benchmark
  public long fullSpeed(FullSpeed client) {
    return client.renew();
  }
}
