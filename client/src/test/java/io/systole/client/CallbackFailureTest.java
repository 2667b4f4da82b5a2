// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.systole.client.api.FailureReason;
import io.systole.client.api.HeartbeatListener;
import io.systole.client.api.InstanceSupplier;
import io.systole.client.api.RegistrationState;
import io.systole.client.heartbeat.Sessions;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Application callbacks that throw on the event loop. */
class CallbackFailureTest {
  private static final Duration SOON = Duration.ofSeconds(30);

  private final FakeRegistry registry;
  private final AtomicInteger thrown = new AtomicInteger();
  private HeartbeatClient client;

  CallbackFailureTest() throws IOException {
    registry = new FakeRegistry();
    client = options(HeartbeatListener.NONE).build();
  }

  private ClientBuilder options(HeartbeatListener observer) {
    return new ClientBuilder()
        .server(registry.url())
        .connections(1)
        .interval(Duration.ofMillis(20))
        .retryDelay(Duration.ofMillis(1), Duration.ofMillis(20))
        .reconnectDelay(Duration.ofMillis(1), Duration.ofMillis(20))
        .cancelOnClose(false)
        .observers(() -> observer);
  }

  private void restart(ClientBuilder options) {
    client.close();
    client = options.build();
  }

  private void awaitBeats(int count) {
    int before = registry.beats().size();
    await().atMost(SOON).until(() -> registry.beats().size() >= before + count);
  }

  @AfterEach
  void stop() throws IOException {
    client.close();
    registry.close();
  }

  /** Throws once from one of its methods. */
  private final class Throwing implements HeartbeatListener {
    private final String method;
    private final AtomicBoolean hasThrown = new AtomicBoolean();

    Throwing(String method) {
      this.method = method;
    }

    private void called(String called) {
      if (called.equals(method) && hasThrown.compareAndSet(false, true)) {
        thrown.incrementAndGet();
        throw new AssertionError("thrown by " + method);
      }
    }

    @Override
    public void due(long dueNs) {
      called("due");
    }

    @Override
    public void answered(int status, long dueNs, long sentNs, long answeredNs) {
      called("answered");
    }

    @Override
    public void failed(FailureReason reason, long dueNs) {
      called("failed");
    }

    @Override
    public void registered(int status, long sentNs, long answeredNs) {
      called("registered");
    }

    @Override
    public void loopWokeUp(long dueNs, long nowNs) {
      called("loopWokeUp");
    }

    @Override
    public void bytesTransferred(int bytesSent, int bytesReceived) {
      called("bytesTransferred");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"due", "answered", "failed", "registered", "loopWokeUp", "bytesTransferred"})
  void listener_throwsOnce_heartbeatsContinue(String method) {
    AtomicInteger beats = new AtomicInteger();
    restart(options(new Throwing(method)));
    Registration one = client.register(Sessions.source("A", "one"));
    Registration two = client.register(Sessions.source("A", "two"));
    assertThat(CompletableFuture.allOf(one.whenRegistered(), two.whenRegistered()))
        .succeedsWithin(SOON);
    registry.script(request -> request.isBeat() && beats.incrementAndGet() == 5
        ? "nothing HTTP"
        : FakeRegistry.ACCEPTING.apply(request));
    awaitBeats(6);

    await().atMost(SOON).until(() -> thrown.get() == 1);

    awaitBeats(10);
    assertThat(registry
            .beats()
            .subList(registry.beats().size() - 10, registry.beats().size()))
        .anyMatch(beat -> beat.line().contains("/one?"))
        .anyMatch(beat -> beat.line().contains("/two?"));
    assertThat(client.state().join().inFlight()).isLessThanOrEqualTo(2);
    assertThat(client.state().join().callbackFailures()).isEqualTo(1);
  }

  @Test
  void source_throwsErrorWhenRequested_endsThatInstanceOnly() {
    AtomicInteger calls = new AtomicInteger();
    InstanceSupplier supplier = Sessions.source("A", "failing");
    Registration other = client.register(Sessions.source("A", "other"));

    Registration failing = client.register(lastDirtyMs -> {
      if (calls.getAndIncrement() == 1) {
        throw new StackOverflowError();
      }
      return supplier.instance(lastDirtyMs);
    });

    assertThat(failing.whenRegistered())
        .failsWithin(SOON)
        .withThrowableOfType(ExecutionException.class)
        .withCauseInstanceOf(StackOverflowError.class);
    assertThat(other.whenRegistered()).succeedsWithin(SOON);
    awaitBeats(5);
  }

  @Test
  void update_throwsError_failsThatFutureOnly() {
    Registration registration = client.register(Sessions.source("A", "i"));
    assertThat(registration.whenRegistered()).succeedsWithin(SOON);

    CompletableFuture<Void> updated = registration.update(document -> {
      throw new StackOverflowError();
    });

    assertThat(updated)
        .failsWithin(SOON)
        .withThrowableOfType(ExecutionException.class)
        .withCauseInstanceOf(StackOverflowError.class);
    awaitBeats(5);
    assertThat(registration.state()).isEqualTo(RegistrationState.ALIVE);
  }
}
