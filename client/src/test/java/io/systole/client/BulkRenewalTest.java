// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.systole.client.FakeRegistry.Request;
import io.systole.client.api.FailureReason;
import io.systole.client.api.RegistrationState;
import io.systole.client.heartbeat.Sessions;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Heartbeats in renewal frames, and without them wherever a server does not support them. */
class BulkRenewalTest {
  private static final int INSTANCES = 100;
  private static final Duration SOON = Duration.ofSeconds(30);

  private final FakeRegistry registry;
  private final FrameRegistry node = new FrameRegistry(7);
  private final CountingListener seen = new CountingListener();
  private HeartbeatClient client;

  BulkRenewalTest() throws IOException {
    registry = new FakeRegistry();
    registry.script(node);
    client = options().build();
  }

  private ClientBuilder options() {
    return new ClientBuilder()
        .server(registry.url())
        .connections(1)
        .interval(Duration.ofMillis(40))
        .bulkWindow(Duration.ofMillis(20))
        .memberInterval(Duration.ZERO)
        .responseTimeout(Duration.ofSeconds(30))
        .reconnectDelay(Duration.ofMillis(1), Duration.ofMillis(20))
        .retryDelay(Duration.ofMillis(1), Duration.ofMillis(20))
        .cancelOnClose(false)
        .closeTimeout(Duration.ofSeconds(5))
        .observers(() -> seen);
  }

  @AfterEach
  void stop() throws IOException {
    client.close();
    registry.close();
  }

  private List<Registration> registerAll() {
    List<Registration> all = IntStream.range(0, INSTANCES)
        .mapToObj(index -> client.register(Sessions.source("A", "i" + index)))
        .toList();
    CompletableFuture<?>[] registered =
        all.stream().map(Registration::whenRegistered).toArray(CompletableFuture[]::new);
    assertThat(CompletableFuture.allOf(registered)).succeedsWithin(SOON);
    return all;
  }

  private static void awaitUntil(Callable<Boolean> condition) {
    await().atMost(SOON).until(condition);
  }

  private void awaitFrames(int count) {
    int before = node.frames().size();
    awaitUntil(() -> node.frames().size() >= before + count);
  }

  private void awaitBeats(int count) {
    int before = registry.beats().size();
    awaitUntil(() -> registry.beats().size() >= before + count);
  }

  /** Returns the heartbeats that failed, except those that were due again too early. */
  private int failed() {
    return seen.count(FailureReason.CONNECTION_LOST)
        + seen.count(FailureReason.TIMED_OUT)
        + seen.count(FailureReason.MALFORMED_RESPONSE);
  }

  private List<Request> beatsOf(String id) {
    return registry.beats().stream()
        .filter(beat -> beat.line().contains("/" + id + "?"))
        .toList();
  }

  @Test
  void heartbeats_nodeOffersFrames_areSentInFrames() {
    registerAll();
    awaitFrames(10);
    int beats = registry.beats().size();
    int answered = seen.count(200);
    awaitFrames(20);

    assertThat(registry.registers()).allMatch(Request::requestsHandle);
    assertThat(registry.beats()).hasSizeLessThanOrEqualTo(beats + INSTANCES);
    assertThat(seen.count(200)).isGreaterThan(answered + 20 * 16 - INSTANCES);
    assertThat(node.frames()).allSatisfy(frame -> {
      assertThat(frame).hasSizeBetween(16, INSTANCES);
      assertThat(new HashSet<>(frame)).hasSameSizeAs(frame);
    });
    HashSet<Integer> renewed = new HashSet<>();
    node.frames().forEach(renewed::addAll);
    assertThat(renewed).hasSize(INSTANCES);
  }

  /** A stock server, or a proxy that removes the field from requests or responses. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void heartbeats_noFieldInResponses_areSentOneByOne(boolean isRemovedByProxy) {
    registry.script(request -> {
      String response = node.apply(request);
      return isRemovedByProxy
          ? response.replaceAll("Systole-Lease: [^\r]*\r\n", "")
          : FakeRegistry.ACCEPTING.apply(request);
    });
    registerAll();
    awaitBeats(10 * INSTANCES);

    assertThat(registry.requests()).noneMatch(Request::isFrame);
    assertThat(registry.beats().subList(INSTANCES, 10 * INSTANCES))
        .noneMatch(Request::requestsHandle);
    assertThat(seen.count(200)).isGreaterThanOrEqualTo(9 * INSTANCES);
  }

  @Test
  void heartbeats_leaseHasEnded_isSentAloneAndRegistersAgain() {
    List<Registration> all = registerAll();
    awaitFrames(3);

    node.end("i5");
    int before = registry.registers().size();
    awaitUntil(() -> registry.registers().size() > before);
    awaitFrames(3);

    assertThat(beatsOf("i5")).isNotEmpty();
    assertThat(registry.registers()).hasSize(before + 1);
    assertThat(failed()).isZero();
    assertThat(all).allMatch(one -> one.state() == RegistrationState.ALIVE);
  }

  @Test
  void heartbeats_handleWasRefused_requestsAnotherOne() {
    registerAll();
    awaitFrames(3);

    node.refuse("i5");
    awaitUntil(() -> beatsOf("i5").stream().anyMatch(Request::requestsHandle));
    awaitFrames(3);

    assertThat(registry.registers()).hasSize(INSTANCES);
    assertThat(failed()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 409 Conflict\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 2\r\n\r\nxx",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n\u0001\u0001\u0001\u0001"
      })
  void heartbeats_frameIsRefused_areSentOneByOne(String response) {
    node.respondToFrames(response);
    List<Registration> all = registerAll();
    awaitBeats(5 * INSTANCES);

    // Those in flight when the first was refused.
    assertThat(node.frames()).hasSizeBetween(1, 4);
    assertThat(registry.registers()).hasSize(INSTANCES);
    assertThat(all).allMatch(one -> one.state() == RegistrationState.ALIVE);
    assertThat(failed()).isZero();
  }

  /** One by one, they would be many times the load of the frame that was refused. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n"
      })
  void heartbeats_aFrameIsRefusedForLoad_areSentInFramesAgain(String response) {
    registerAll();
    awaitFrames(10);
    int beats = registry.beats().size();
    AtomicBoolean isRefused = new AtomicBoolean();

    registry.script(request ->
        request.isFrame() && isRefused.compareAndSet(false, true) ? response : node.apply(request));
    awaitUntil(isRefused::get);
    awaitFrames(10);

    assertThat(seen.count(503) + seen.count(429)).isGreaterThanOrEqualTo(16);
    assertThat(registry.beats().subList(beats, registry.beats().size()))
        .noneMatch(Request::requestsHandle);
    assertThat(registry.registers()).hasSize(INSTANCES);
  }

  @Test
  void heartbeats_aFrameIsRefusedWithRetryAfter_areSentAgainBeforeTheyAreDue() {
    client.close();
    client = options()
        .interval(Duration.ofMinutes(5))
        .bulkWindow(Duration.ofSeconds(1))
        .build();
    AtomicInteger refusals = new AtomicInteger();
    registry.script(request -> request.isFrame() && refusals.getAndIncrement() == 0
        ? "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n"
        : node.apply(request));
    registerAll();

    client.interval(Duration.ofSeconds(1));
    awaitUntil(() -> refusals.get() > 0);
    client.interval(Duration.ofMinutes(5));

    awaitUntil(() -> !node.frames().isEmpty());
  }

  /** The server may refuse nothing but frames. */
  @Test
  void heartbeats_framesAreRefusedForLoadAgainAndAgain_areSentOneByOne() {
    node.respondToFrames(FakeRegistry.BUSY);
    List<Registration> all = registerAll();
    awaitBeats(5 * INSTANCES);

    // Those in flight when the first was refused, and when the second was.
    assertThat(node.frames()).hasSizeBetween(2, 8);
    assertThat(registry.registers()).hasSize(INSTANCES);
    assertThat(all).allMatch(one -> one.state() == RegistrationState.ALIVE);
  }

  @Test
  void heartbeats_nodeRestarts_useNoHandleOfTheFormerRun() throws IOException {
    registerAll();
    awaitFrames(3);
    FrameRegistry next = new FrameRegistry(8);

    registry.script(request -> FakeRegistry.END);
    registry.disconnect();
    registry.script(next);
    awaitUntil(() -> next.frames().size() >= 5);

    assertThat(next.otherEpochs()).isEmpty();
    assertThat(registry.registers()).hasSize(INSTANCES);
  }

  /** As behind a proxy that does not close the connections of its clients. */
  @Test
  void heartbeats_nodeRestartsBehindAProxy_areSentOneByOne() {
    registerAll();
    awaitFrames(3);
    FrameRegistry next = new FrameRegistry(8);

    registry.script(next);
    awaitUntil(() -> !next.otherEpochs().isEmpty());
    awaitBeats(5 * INSTANCES);

    assertThat(next.otherEpochs()).containsOnly(7L).hasSizeLessThanOrEqualTo(4);
    assertThat(next.frames()).isEmpty();
    assertThat(registry.registers()).hasSize(INSTANCES);
  }

  /** The server closes the connection without a response to the frame. */
  @Test
  void heartbeats_connectionIsLostWithAFrame_areSentAgain() {
    registerAll();
    awaitFrames(3);
    node.respondToFrames(FakeRegistry.END);
    awaitUntil(() -> registry.beats().size() >= INSTANCES);
    node.respondToFrames(null);
    awaitFrames(5);

    assertThat(registry.registers()).hasSize(INSTANCES);
    assertThat(failed()).isZero();
  }

  @Test
  void heartbeats_atFullSpeed_areSentInFramesOfAllInstances() {
    registerAll();
    awaitFrames(1);

    client.pace(SendMode.FULL_SPEED);
    awaitFrames(50);
    client.pace(SendMode.INTERVAL);

    assertThat(node.frames().get(node.frames().size() / 2)).hasSize(INSTANCES);
    assertThat(node.frames())
        .allSatisfy(frame -> assertThat(new HashSet<>(frame)).hasSameSizeAs(frame));
  }

  @Test
  void heartbeats_registrationIsUpdated_useItsNewHandle() {
    List<Registration> all = registerAll();
    awaitFrames(3);
    int slot = node.slotOf("i5");

    assertThat(
            all.get(5).update(document -> document.toBuilder().vipAddress("v").build()))
        .succeedsWithin(SOON);
    int updated = node.slotOf("i5");
    awaitFrames(5);

    assertThat(updated).isNotEqualTo(slot);
    assertThat(node.frames().get(node.frames().size() - 1)).doesNotContain(slot);
    assertThat(node.frames()).anyMatch(frame -> frame.contains(updated));
  }

  @Test
  void heartbeats_withoutTheOption_areAsEver() {
    client.close();
    client = options().bulkWindow(Duration.ZERO).build();
    registerAll();
    awaitBeats(5 * INSTANCES);

    assertThat(registry.requests()).noneMatch(Request::requestsHandle).noneMatch(Request::isFrame);
  }
}
