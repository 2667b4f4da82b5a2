// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.systole.benchmarks.BenchmarkFleet;
import io.systole.benchmarks.ForkFlags;
import io.systole.client.heartbeat.CallbackFailures;
import io.systole.client.heartbeat.GuardedListener;
import io.systole.client.heartbeat.HeartbeatListener;
import io.systole.client.heartbeat.InstanceSupplier;
import io.systole.client.heartbeat.Session;
import io.systole.client.net.Connection;
import io.systole.client.net.EmbeddedConnection;
import io.systole.client.net.HostLookup;
import io.systole.client.net.NameResolver;
import io.systole.client.net.Network;
import io.systole.client.net.ServerAddress;
import io.systole.client.net.Transport;
import io.systole.client.net.Zone;
import io.systole.client.time.Clock;
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
 * Question: what does one heartbeat cost the client, from the wheel that brings its instance round
 * to the answer that is told to its session, the kernel alone left out? Held fixed: one connection
 * with 256 in flight, whose socket swallows what is written to it and whose server renews
 * everything; all answers of a batch arrive in one read. The score is per heartbeat.
 * {@code fullSpeed} leaves the wheel out: each read is followed by the next batch, as at a peak.
 *
 * <p>The code would change if a heartbeat allocated more than its share of the one buffer of its
 * write, if a listener that hears nothing were felt, or if the client alone came near 0.19 µs.
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
  /** What the wheel of an event loop goes by. */
  private static final long TICK_MS = 1;

  /** Goes when it is told to, beside the event loop's own. */
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

  /** The event loop of a client, all of whose instances are alive. */
  @State(Scope.Thread)
  public static class Client {
    /** Whole batches, so that as many are due with every tick. */
    @Param({"10240", "1024000"})
    public int instances;

    @Param({"false", "true"})
    public boolean hasListener;

    private final BenchmarkClock clock = new BenchmarkClock();
    private final EmbeddedConnection socket = new EmbeddedConnection();
    private final ByteBuf renewals = responses(RENEWED);
    private long eventsReceived;
    private @Nullable HeartbeatLoop loop;
    private @Nullable Connection connection;

    private static ByteBuf responses(String response) {
      return Unpooled.directBuffer().writeBytes(response.repeat(IN_FLIGHT).getBytes(US_ASCII));
    }

    /** Registers all instances. */
    @Setup
    public void register() {
      ServerAddress server = ServerAddress.of(URI.create("http://127.0.0.1:8761/v2"));
      ClientConfig config = HeartbeatClient.builder()
          .inFlightMax(IN_FLIGHT)
          .changesInFlightMax(IN_FLIGHT)
          .changesPerSecMax(0)
          .interval(Duration.ofMillis(TICK_MS * instances / IN_FLIGHT))
          .config();
      var failures = new CallbackFailures();
      GuardedListener listening =
          hasListener ? new GuardedListener(event -> eventsReceived++, failures) : null;
      HeartbeatLoop begun = new HeartbeatLoop(
          socket.loop(),
          new Network(Transport.NIO, null, new NameResolver(HostLookup.SYSTEM)),
          List.of(new Zone("default", List.of(server))),
          config,
          config.share(0),
          clock,
          HeartbeatListener.NONE,
          listening,
          failures,
          new SplittableRandom(42));
      loop = begun;
      connection = socket.open(server, config.lineSettings(), clock, begun);
      socket.freezeTime();
      BenchmarkFleet fleet = new BenchmarkFleet(instances);
      for (int i = 0; i < instances; i++) {
        int index = i;
        InstanceSupplier source = lastDirtyMs ->
            fleet.document(index).toBuilder().lastDirtyMs(lastDirtyMs).build();
        begun.begin(Session.of(source, source.instance(0), null, listening), 0);
      }
      socket.runPendingTasks();
      ByteBuf registrations = responses(REGISTERED);
      for (int sent = send(); sent > 0; sent = inFlight()) {
        response(registrations, REGISTERED);
      }
    }

    void pace(SendMode sendMode) {
      Objects.requireNonNull(loop).pace(sendMode);
      socket.runPendingTasks();
    }

    int inFlight() {
      return Objects.requireNonNull(connection).inFlight();
    }

    /** Lets one tick pass, and sends what has come due. */
    int send() {
      clock.nowMs += TICK_MS;
      socket.advanceTimeBy(TICK_MS, TimeUnit.MILLISECONDS);
      socket.runScheduledPendingTasks();
      Objects.requireNonNull(loop).cycleEnded(Objects.requireNonNull(connection), 0);
      return inFlight();
    }

    /** Brings the answers to all that was sent. */
    long renew() {
      return response(renewals, RENEWED);
    }

    private long response(ByteBuf responses, String response) {
      return socket.take(responses.retainedSlice(0, inFlight() * response.length()));
    }

    /** Sees that all are alive still, and that nobody waits. */
    @TearDown(Level.Iteration)
    public void check() {
      var taken = Objects.requireNonNull(loop).state();
      socket.runPendingTasks();
      ClientState state = taken.join();
      boolean isMissing = hasListener && eventsReceived != instances;
      if (state.alive() != instances || state.beatsWaiting() > IN_FLIGHT || isMissing) {
        throw new IllegalStateException(
            "expected " + instances + " alive, got " + state + ", events " + eventsReceived);
      }
    }
  }

  /** One whose connection is always full. */
  public static class FullSpeed extends Client {
    /** Fills the connection for the first time. */
    @Override
    public void register() {
      super.register();
      pace(SendMode.FULL_SPEED);
      send();
    }
  }

  /** Comes due, goes out, and is answered. */
  @Benchmark
  public long interval(Client client) {
    client.send();
    return client.renew();
  }

  /** Is answered, and the next goes out. */
  @Benchmark
  public long fullSpeed(FullSpeed client) {
    return client.renew();
  }
}
