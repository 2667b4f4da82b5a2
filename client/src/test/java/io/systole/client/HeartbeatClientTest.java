// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.systole.client.api.FailureReason;
import io.systole.client.api.HeartbeatListener;
import io.systole.client.api.InstanceSupplier;
import io.systole.client.api.RegistrationEvent;
import io.systole.client.api.RegistrationState;
import io.systole.client.heartbeat.Sessions;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HeartbeatClientTest {
  private static final int INTERVAL_MS = 20;
  private static final int NEVER_DUE_MS = 3_600_000;
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Pattern QUERY_TIMESTAMP = Pattern.compile("lastDirtyTimestamp=(\\d+)");
  private static final Pattern BODY_TIMESTAMP =
      Pattern.compile("\"lastDirtyTimestamp\":\"?(\\d+)\"?");

  private final FakeRegistry registry;
  private final CountingListener seen = new CountingListener();
  private HeartbeatClient client;

  HeartbeatClientTest() throws IOException {
    registry = new FakeRegistry();
    client = options().build();
  }

  private ClientBuilder options() {
    return new ClientBuilder()
        .server(registry.url())
        .connections(1)
        .interval(Duration.ofMillis(INTERVAL_MS))
        .responseTimeout(Duration.ofSeconds(30))
        .reconnectDelay(Duration.ofMillis(1), Duration.ofMillis(20))
        .retryDelay(Duration.ofMillis(1), Duration.ofMillis(20))
        .cancelOnClose(false)
        .closeTimeout(Duration.ofSeconds(5))
        .observers(() -> seen);
  }

  private void restart(ClientBuilder options) {
    client.close();
    client = options.build();
  }

  private Registration register(String id) {
    return client.register(Sessions.source("A", id));
  }

  private void registerMany(int count) {
    CompletableFuture<?>[] all = IntStream.range(0, count)
        .mapToObj(index -> register("i" + index).whenRegistered())
        .toArray(CompletableFuture[]::new);
    assertThat(CompletableFuture.allOf(all)).succeedsWithin(SOON);
  }

  private void awaitBeats(int count) {
    int before = registry.beats().size();
    await().atMost(SOON).until(() -> registry.beats().size() >= before + count);
  }

  private static long timestampIn(String text, Pattern pattern) {
    Matcher matcher = pattern.matcher(text);
    assertThat(matcher.find()).as("timestamp in %s", text).isTrue();
    return Long.parseLong(matcher.group(1));
  }

  @AfterEach
  void stop() throws IOException {
    client.close();
    registry.close();
  }

  @Test
  void register_accepted_heartbeatsCarryItsTimestamp() {
    Registration registration = register("i-1");

    assertThat(registration.whenRegistered()).succeedsWithin(SOON);
    awaitBeats(3);

    String document = registry.registers().get(0).body();
    long timestamp = timestampIn(document, BODY_TIMESTAMP);
    assertThat(registry.registers()).hasSize(1);
    assertThat(registry.beats())
        .allSatisfy(beat -> assertThat(beat.line())
            .isEqualTo(
                "PUT /v2/apps/A/i-1?status=UP&lastDirtyTimestamp=" + timestamp + " HTTP/1.1"));
  }

  @Test
  void register_document_carriesCurrentTimestamp() {
    long beforeMs = System.currentTimeMillis();

    Registration registration = client.register(Sessions.source("A", "i-1").instance(5));

    assertThat(registration.whenRegistered()).succeedsWithin(SOON);
    String document = registry.registers().get(0).body();
    assertThat(timestampIn(document, BODY_TIMESTAMP)).isGreaterThanOrEqualTo(beforeMs);
  }

  @Test
  void register_rejected_failsWithResponseText() {
    registry.script(
        request -> "HTTP/1.1 400 Bad Request\r\nContent-Length: 16\r\n\r\nMissing hostname");

    Registration registration = register("i-1");

    assertThat(registration.whenRegistered())
        .failsWithin(SOON)
        .withThrowableThat()
        .havingCause()
        .isInstanceOf(RegistrationRejectedException.class)
        .withMessage("server refused registration: 400 Missing hostname");
    assertThat(seen.count("refused 400 Missing hostname")).isEqualTo(1);
    assertThat(client.state().join().instances()).isZero();
  }

  @Test
  void register_sourceThatThrows_failsWithItsException() {
    AtomicInteger calls = new AtomicInteger();

    Registration registration = client.register(lastDirtyMs -> {
      if (calls.getAndIncrement() > 0) {
        throw new IllegalStateException("no document today");
      }
      return Sessions.source("A", "i-1").instance(lastDirtyMs);
    });

    assertThat(registration.whenRegistered())
        .failsWithin(SOON)
        .withThrowableThat()
        .havingCause()
        .withMessage("no document today");
    assertThat(register("i-2").whenRegistered()).succeedsWithin(SOON);
  }

  @Test
  void register_serverDown_waits() throws IOException {
    registry.stop();
    await().atMost(SOON).until(() -> client.state().join().connectionsOpen() == 0);
    Registration registration = register("i-1");
    await().atMost(SOON).until(() -> client.state().join().changesWaiting() == 1);
    assertThat(registration.whenRegistered()).isNotDone();

    registry.reopen();

    assertThat(registration.whenRegistered()).succeedsWithin(SOON);
  }

  @Test
  void beat_answered404_registersAgainWithLargerTimestamp() {
    AtomicInteger beats = new AtomicInteger();
    registry.script(request -> request.isBeat() && beats.incrementAndGet() == 2
        ? FakeRegistry.NOT_FOUND
        : FakeRegistry.ACCEPTING.apply(request));
    registerMany(1);

    await().atMost(SOON).until(() -> registry.registers().size() == 2);
    awaitBeats(2);

    long first = timestampIn(registry.registers().get(0).body(), BODY_TIMESTAMP);
    long second = timestampIn(registry.registers().get(1).body(), BODY_TIMESTAMP);
    List<FakeRegistry.Request> all = registry.beats();
    assertThat(second).isGreaterThan(first);
    assertThat(timestampIn(all.get(all.size() - 1).line(), QUERY_TIMESTAMP)).isEqualTo(second);
    assertThat(seen.count(404)).isEqualTo(1);
  }

  @Test
  void beat_answered503_staysAlive() {
    registerMany(1);
    registry.script(request -> FakeRegistry.BUSY);

    await().atMost(SOON).until(() -> seen.count(503) >= 3);

    assertThat(client.state().join().alive()).isEqualTo(1);
    assertThat(registry.registers()).hasSize(1);
  }

  @Test
  void beat_connectionEndsMidResponse_failsAndReconnects() {
    registerMany(1);
    registry.script(request -> "HTTP/1.1 200 OK\r\nConte" + FakeRegistry.END);
    await().atMost(SOON).until(() -> seen.count(FailureReason.CONNECTION_LOST) >= 2);

    registry.script(FakeRegistry.ACCEPTING);

    int before = seen.count(200);
    await().atMost(SOON).until(() -> seen.count(200) > before + 2);
    assertThat(registry.registers()).hasSize(1);
  }

  @Test
  void beat_neverAnswered_timesOutAndReconnects() {
    restart(options().responseTimeout(Duration.ofMillis(50)));
    registerMany(1);
    registry.script(request -> FakeRegistry.SILENCE);
    await().atMost(SOON).until(() -> seen.count(FailureReason.TIMED_OUT) >= 1);

    registry.script(FakeRegistry.ACCEPTING);

    int before = seen.count(200);
    await().atMost(SOON).until(() -> seen.count(200) > before + 2);
    assertThat(seen.count(FailureReason.NOT_SENT)).isPositive();
  }

  @Test
  void beat_answeredWithWrongBytes_failsAndReconnects() {
    registerMany(1);
    registry.script(request -> "SSH-2.0-OpenSSH_9.6\r\n");
    await().atMost(SOON).until(() -> seen.count(FailureReason.MALFORMED_RESPONSE) >= 1);

    registry.script(FakeRegistry.ACCEPTING);

    int before = seen.count(200);
    await().atMost(SOON).until(() -> seen.count(200) > before + 2);
  }

  /** Those missed by a late event loop all had the first due time, so a window had too few. */
  @Test
  void beat_loopIsLate_everyIntervalHasItsDueTime() {
    List<Long> due = new CopyOnWriteArrayList<>();
    restart(options().observers(() -> new HeartbeatListener() {
      @Override
      public void due(long dueNs) {
        due.add(dueNs);
        if (due.size() == 3) {
          long endNs = dueNs + TimeUnit.MILLISECONDS.toNanos(4 * INTERVAL_MS);
          while (System.nanoTime() - endNs < 0) {
            Thread.onSpinWait();
          }
        }
      }
    }));
    registerMany(1);

    await().atMost(SOON).until(() -> due.size() >= 10);

    long intervalNs = TimeUnit.MILLISECONDS.toNanos(INTERVAL_MS);
    assertThat(IntStream.range(1, 10).mapToObj(each -> due.get(each) - due.get(each - 1)))
        .containsOnly(intervalNs);
  }

  @Test
  void beat_moreThanInFlightMax_waits() {
    restart(options().inFlightMax(4).connections(2));
    registerMany(20);
    client.pace(SendMode.REST);
    await().atMost(SOON).until(() -> client.state().join().inFlight() == 0);
    int before = registry.requests().size();
    registry.script(request -> FakeRegistry.SILENCE);

    client.pace(SendMode.INTERVAL);

    await().atMost(SOON).until(() -> client.state().join().beatsWaiting() == 12);
    await().atMost(SOON).until(() -> registry.requests().size() == before + 8);
    assertThat(client.state().join().inFlight()).isEqualTo(8);
    await().atMost(SOON).until(() -> seen.count(FailureReason.NOT_SENT) > 20);
    assertThat(client.state().join().beatsWaiting()).isEqualTo(12);
  }

  @Test
  void register_moreThanInFlightMax_waits() {
    restart(options().changesInFlightMax(3).connections(2));
    registry.script(request -> FakeRegistry.SILENCE);

    IntStream.range(0, 20).forEach(index -> register("i" + index));

    await().atMost(SOON).until(() -> client.state().join().changesWaiting() == 17);
    assertThat(client.state().join().inFlight()).isEqualTo(3);
  }

  /** A permanent backlog of heartbeats must not block registrations. */
  @Test
  void register_heartbeatBacklog_isSent() {
    restart(options().inFlightMax(1));
    registerMany(100);
    registry.script(request -> {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
      return FakeRegistry.ACCEPTING.apply(request);
    });
    await().atMost(SOON).until(() -> client.state().join().beatsWaiting() > 50);

    Registration late = register("late");

    assertThat(late.whenRegistered()).succeedsWithin(SOON);
    assertThat(client.state().join().beatsWaiting()).isPositive();
  }

  @Test
  void cancel_alive_endsLeaseAndHeartbeats() {
    restart(options().interval(Duration.ofMillis(NEVER_DUE_MS)));
    Registration registration = register("i-1");
    assertThat(registration.whenRegistered()).succeedsWithin(SOON);

    CompletableFuture<Void> cancelled = registration.cancel();

    assertThat(cancelled).succeedsWithin(SOON);
    assertThat(registry.cancels())
        .extracting(FakeRegistry.Request::line)
        .containsExactly("DELETE /v2/apps/A/i-1 HTTP/1.1");
    assertThat(client.state().join())
        .returns(0, ClientState::instances)
        .returns(0, ClientState::alive);
  }

  @Test
  void cancel_whileRegistering_cancelsAfterTheResponse() throws InterruptedException {
    CountDownLatch requested = new CountDownLatch(1);
    CountDownLatch mayRespond = new CountDownLatch(1);
    registry.script(request -> {
      if (request.isRegister()) {
        requested.countDown();
        awaitQuietly(mayRespond);
      }
      return FakeRegistry.ACCEPTING.apply(request);
    });
    Registration registration = register("i-1");
    assertThat(requested.await(10, TimeUnit.SECONDS)).isTrue();

    CompletableFuture<Void> cancelled = registration.cancel();
    mayRespond.countDown();

    assertThat(cancelled).succeedsWithin(SOON);
    assertThat(registry.requests())
        .extracting(request -> request.line().substring(0, 4))
        .containsExactly("POST", "DELE");
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void pause_alive_sendsNothingUntilResumed() {
    Registration one = register("one");
    Registration other = register("other");
    CompletableFuture.allOf(one.whenRegistered(), other.whenRegistered()).join();

    one.pause();
    client.state().join();
    int before = registry.requests().size();
    await().atMost(SOON).until(() -> registry.beats().size() >= before + 10);

    // A heartbeat in flight when it was paused may arrive later.
    assertThat(registry.requests().stream().skip(before).filter(sent -> isOf("one", sent)))
        .hasSizeLessThanOrEqualTo(1);
    assertThat(client.state().join().alive()).isEqualTo(2);

    one.resume();

    int resumed = registry.requests().size();
    await()
        .atMost(SOON)
        .until(() -> registry.requests().stream()
            .skip(resumed)
            .anyMatch(sent -> sent.isBeat() && isOf("one", sent)));
  }

  private static boolean isOf(String id, FakeRegistry.Request request) {
    return request.line().contains("/apps/A/" + id);
  }

  @Test
  void cancel_twice_completesBothTimes() {
    Registration registration = register("i-1");
    assertThat(registration.whenRegistered()).succeedsWithin(SOON);

    CompletableFuture<Void> first = registration.cancel();
    CompletableFuture<Void> second = registration.cancel();

    assertThat(first).succeedsWithin(SOON);
    assertThat(second).succeedsWithin(SOON);
    assertThat(registration.cancel()).succeedsWithin(SOON);
    assertThat(registry.cancels()).hasSize(1);
  }

  @Test
  void status_changed_isCarriedByHeartbeats() {
    Registration registration = register("i-1");
    assertThat(registration.whenRegistered()).succeedsWithin(SOON);

    CompletableFuture<Void> updated = registration.status(InstanceStatus.DOWN);

    assertThat(updated).succeedsWithin(SOON);
    awaitBeats(3);
    List<FakeRegistry.Request> registers = registry.registers();
    long first = timestampIn(registers.get(0).body(), BODY_TIMESTAMP);
    long second = timestampIn(registers.get(1).body(), BODY_TIMESTAMP);
    List<FakeRegistry.Request> beats = registry.beats();
    assertThat(registers).hasSize(2);
    assertThat(registers.get(1).body()).contains("\"status\":\"DOWN\"");
    assertThat(second).isGreaterThan(first);
    assertThat(beats.get(beats.size() - 1).line())
        .contains("?status=DOWN&lastDirtyTimestamp=" + second + " ");
  }

  @Test
  void update_many_completeWithNewest() {
    Registration registration = register("i-1");

    CompletableFuture<?>[] all = IntStream.range(0, 200)
        .mapToObj(index -> registration.metadata(Map.of("version", "v" + index)))
        .toArray(CompletableFuture[]::new);

    assertThat(CompletableFuture.allOf(all)).succeedsWithin(SOON);
    List<FakeRegistry.Request> registers = registry.registers();
    assertThat(registers.get(registers.size() - 1).body()).contains("\"v199\"");
    assertThat(registers).hasSizeLessThan(200);
  }

  @Test
  void update_rejected_failsAndKeepsInstanceAlive() {
    Registration registration = register("i-1");
    assertThat(registration.whenRegistered()).succeedsWithin(SOON);
    registry.script(request -> request.isRegister()
        ? "HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\nno"
        : FakeRegistry.OK);

    CompletableFuture<Void> updated =
        registration.update(before -> before.toBuilder().hostName(null).build());

    assertThat(updated)
        .failsWithin(SOON)
        .withThrowableThat()
        .havingCause()
        .isInstanceOf(RegistrationRejectedException.class);
    assertThat(registration.state()).isEqualTo(RegistrationState.ALIVE);
    awaitBeats(2);
  }

  @Test
  void update_serverBusy_isRetried() {
    Registration registration = register("i-1");
    assertThat(registration.whenRegistered()).succeedsWithin(SOON);
    registry.script(request -> request.isRegister() ? FakeRegistry.BUSY : FakeRegistry.OK);
    CompletableFuture<Void> updated = registration.status(InstanceStatus.DOWN);
    await().atMost(SOON).until(() -> registry.registers().size() >= 4);
    assertThat(updated).isNotDone();

    registry.script(FakeRegistry.ACCEPTING);

    assertThat(updated).succeedsWithin(SOON);
  }

  @Test
  void status_unknown_throws() {
    Registration registration = register("i-1");

    assertThatThrownBy(() -> registration.status(InstanceStatus.UNKNOWN))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void listeners_wholeLifecycle_receiveEventsInOrder() {
    List<RegistrationEvent> all = new CopyOnWriteArrayList<>();
    List<RegistrationEvent> own = new CopyOnWriteArrayList<>();
    restart(options().listener(all::add));
    AtomicInteger beats = new AtomicInteger();
    registry.script(request -> request.isBeat() && beats.incrementAndGet() == 2
        ? FakeRegistry.NOT_FOUND
        : FakeRegistry.ACCEPTING.apply(request));

    Registration registration = client.register(Sessions.source("A", "i-1"), own::add);
    await().atMost(SOON).until(() -> own.size() == 3);
    assertThat(registration.status(InstanceStatus.DOWN)).succeedsWithin(SOON);
    assertThat(registration.cancel()).succeedsWithin(SOON);

    InstanceKey key = new InstanceKey("A", "i-1");
    assertThat(own)
        .containsExactly(
            new RegistrationEvent.Registered(key),
            new RegistrationEvent.Lost(key),
            new RegistrationEvent.Reregistered(key),
            new RegistrationEvent.Updated(key),
            new RegistrationEvent.Cancelled(key));
    assertThat(all).isEqualTo(own);
    assertThat(registration.state()).isEqualTo(RegistrationState.CANCELLED);
  }

  @Test
  void close_withoutCancelling_abandonsInstances() {
    List<RegistrationEvent> own = new CopyOnWriteArrayList<>();
    Registration registration = client.register(Sessions.source("A", "i-1"), own::add);
    assertThat(registration.whenRegistered()).succeedsWithin(SOON);

    client.close();

    assertThat(own).last().isEqualTo(new RegistrationEvent.Abandoned(new InstanceKey("A", "i-1")));
    assertThat(registration.state()).isEqualTo(RegistrationState.ABANDONED);
    assertThat(registry.cancels()).isEmpty();
  }

  @Test
  void close_serverDown_endsWithinTimeout() throws IOException {
    restart(options().cancelOnClose(true).closeTimeout(Duration.ofMillis(50)));
    Registration registration = register("i-1");
    assertThat(registration.whenRegistered()).succeedsWithin(SOON);
    registry.stop();

    client.close();

    await().atMost(SOON).until(() -> registration.state() == RegistrationState.ABANDONED);
  }

  /** Waiting for cancels, connections and threads must share one timeout. */
  @Test
  void closeAsync_serverSilent_endsWithinOneTimeout() {
    restart(options().cancelOnClose(true).closeTimeout(Duration.ofMillis(600)));
    Registration registration = register("i-1");
    assertThat(registration.whenRegistered()).succeedsWithin(SOON);
    registry.script(request -> FakeRegistry.SILENCE);
    long startNs = System.nanoTime();

    CompletableFuture<Void> closed = client.closeAsync();

    assertThat(closed).isNotDone().succeedsWithin(SOON);
    assertThat(Duration.ofNanos(System.nanoTime() - startNs)).isLessThan(Duration.ofSeconds(1));
    assertThat(registration.state()).isEqualTo(RegistrationState.ABANDONED);
  }

  /** Closing on the event loop must not wait for that loop. */
  @Test
  void close_inCallback_returnsAtOnceAndCancelsAll() {
    restart(options().cancelOnClose(true));
    CompletableFuture<Duration> took = new CompletableFuture<>();
    Registration registration = register("i-1");

    registration.whenRegistered().thenRun(() -> {
      long startNs = System.nanoTime();
      client.close();
      took.complete(Duration.ofNanos(System.nanoTime() - startNs));
    });

    assertThat(took).succeedsWithin(SOON);
    assertThat(took.join()).isLessThan(Duration.ofSeconds(1));
    assertThat(client.closeAsync()).succeedsWithin(SOON);
    assertThat(registration.state()).isEqualTo(RegistrationState.CANCELLED);
    assertThat(registry.cancels()).hasSize(1);
  }

  /** No call may expose the exception of Netty's executor. */
  @Test
  void close_laterCalls_failFutures() {
    Registration before = register("i-1");
    assertThat(before.whenRegistered()).succeedsWithin(SOON);
    client.close();

    Registration after = register("i-2");

    assertFailsAsClosed(after.whenRegistered());
    assertThat(after.state()).isEqualTo(RegistrationState.ABANDONED);
    assertFailsAsClosed(before.status(InstanceStatus.DOWN));
    assertFailsAsClosed(before.metadata(Map.of()));
    assertFailsAsClosed(before.update(document -> document));
    assertFailsAsClosed(before.source(Sessions.source("A", "i-1")));
    assertFailsAsClosed(before.cancel());
    assertFailsAsClosed(client.state());
    assertFailsAsClosed(client.cancelAll());
    client.pace(SendMode.REST);
    client.interval(Duration.ofSeconds(1));
    before.pause();
    before.resume();
  }

  private static void assertFailsAsClosed(CompletableFuture<?> future) {
    assertThat(future)
        .failsWithin(SOON)
        .withThrowableThat()
        .havingCause()
        .isInstanceOf(IllegalStateException.class)
        .withMessage("the client is closed");
  }

  @Test
  @SuppressWarnings("NullAway") // Simulates a caller without null checks.
  void call_nullArgument_throwsWithName() {
    Registration registration = register("i-1");
    Map<String, String> noValue = new HashMap<>();
    noValue.put("k", null);

    assertThatThrownBy(() -> client.register((InstanceInfo) null)).hasMessage("instance");
    assertThatThrownBy(() -> client.register((InstanceSupplier) null)).hasMessage("source");
    assertThatThrownBy(() -> client.register(Sessions.source("A", "i"), null))
        .hasMessage("listener");
    assertThatThrownBy(() -> client.pace(null)).hasMessage("pace");
    assertThatThrownBy(() -> client.interval(null)).hasMessage("interval");
    assertThatThrownBy(() -> registration.status(null)).hasMessage("status");
    assertThatThrownBy(() -> registration.metadata(null)).hasMessage("metadata");
    assertThatThrownBy(() -> registration.metadata(noValue)).hasMessage("metadata value of k");
    assertThatThrownBy(() -> registration.update(null)).hasMessage("change");
    assertThatThrownBy(() -> registration.source(null)).hasMessage("next");
  }

  @Test
  void register_invalidDocument_throws() {
    InstanceInfo noHost = InstanceInfo.builder().app("A").instanceId("i").build();

    assertThatThrownBy(() -> client.register(noHost))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("instance cannot be registered: Missing hostname");
  }

  @Test
  void register_fasterThanRate_isLimited() {
    restart(options().changesPerSecMax(100).interval(Duration.ofMillis(NEVER_DUE_MS)));
    long startNs = System.nanoTime();

    registerMany(40);

    // A burst of ten, one nearly earned before, and the other 29 at 10 ms each.
    assertThat(Duration.ofNanos(System.nanoTime() - startNs))
        .isGreaterThanOrEqualTo(Duration.ofMillis(290));
  }

  @Test
  void close_byDefault_cancelsAll() {
    restart(new ClientBuilder().server(registry.url()).connections(3).loops(2));
    registerMany(30);

    client.close();

    assertThat(registry.cancels()).hasSize(30);
  }

  @Test
  void close_cancelInFlight_completesFuture() {
    Registration registration = register("i-1");
    assertThat(registration.whenRegistered()).succeedsWithin(SOON);
    registry.script(request -> FakeRegistry.SILENCE);
    CompletableFuture<Void> cancelled = registration.cancel();
    await().atMost(SOON).until(() -> !registry.cancels().isEmpty());

    client.close();
    client.close();

    assertThat(cancelled).failsWithin(SOON);
  }

  @Test
  void pace_fullSpeed_keepsEveryConnectionFull() {
    restart(
        options().inFlightMax(8).connections(4).loops(2).interval(Duration.ofMillis(NEVER_DUE_MS)));
    registerMany(10);
    int before = registry.requests().size();
    registry.script(request -> FakeRegistry.SILENCE);

    client.pace(SendMode.FULL_SPEED);

    await().atMost(SOON).until(() -> registry.requests().size() == before + 32);
    assertThat(client.state().join().inFlight()).isEqualTo(32);
  }

  @Test
  void pace_fullSpeedThenRest_accountsForEveryHeartbeat() {
    restart(options().inFlightMax(8).connections(2).interval(Duration.ofMillis(NEVER_DUE_MS)));
    registerMany(5);
    client.pace(SendMode.FULL_SPEED);
    awaitBeats(1000);

    client.pace(SendMode.REST);
    await().atMost(SOON).until(() -> client.state().join().inFlight() == 0);

    assertThat(seen.due.get()).isEqualTo(seen.ended.get()).isEqualTo(seen.count(200));
    assertThat(seen.wrongTimes.get()).isZero();
    assertThat(registry.beats().stream()
            .filter(beat -> beat.line().contains("/i3?"))
            .count())
        .isBetween(seen.due.get() / 5 - 1L, seen.due.get() / 5 + 1L);
  }

  @Test
  void interval_shortened_takesEffectAtOnce() {
    restart(options().interval(Duration.ofMillis(NEVER_DUE_MS)));
    registerMany(10);

    client.interval(Duration.ofMillis(INTERVAL_MS));

    awaitBeats(100);
    register("later");
    await()
        .atMost(SOON)
        .until(() -> registry.beats().stream().anyMatch(beat -> beat.line().contains("/later?")));
  }

  @Test
  void interval_outOfRange_throws() {
    assertThatThrownBy(() -> client.interval(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("interval=PT0S is not within PT0.001S..PT24H");
  }

  @Test
  void listener_atInterval_receivesEachHeartbeatOnce() {
    registerMany(10);
    awaitBeats(100);

    client.pace(SendMode.REST);
    await().atMost(SOON).until(() -> client.state().join().inFlight() == 0);

    assertThat(seen.due.get()).isEqualTo(seen.ended.get()).isGreaterThanOrEqualTo(100);
    assertThat(seen.wakeUps.get()).isPositive();
    assertThat(seen.wrongTimes.get()).isZero();
    assertThat(seen.bytesReceived.get())
        .isEqualTo(
            10 * FakeRegistry.NO_CONTENT.length() + seen.count(200) * FakeRegistry.OK.length());
  }
}
