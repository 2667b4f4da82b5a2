// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.codec.MalformedDocumentException;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.InstanceKey;
import io.systole.server.events.EventSettings;
import io.systole.server.events.LongPolls;
import io.systole.server.registry.Instances;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RegistrySettings;
import io.systole.server.responsecache.ResponseCache;
import io.systole.server.route.Request;
import io.systole.server.route.Response;
import io.systole.server.time.ManualClock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Spec §4.3, and long polls. */
class DeltaEndpointTest {
  private static final int CHANGES_MAX = 4;
  private static final int POLLS_MAX = 2;
  private static final long WAIT_MAX_MS = 200;

  private final ManualClock clock = new ManualClock();
  private final Registry registry =
      new Registry(new RegistrySettings(100, true, 180_000, CHANGES_MAX), clock);
  private final ResponseCache cache = new ResponseCache(registry, clock);
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final LongPolls polls = new LongPolls(
      registry.changes(), new EventSettings(1, 100, 1_000, POLLS_MAX, WAIT_MAX_MS), timer);
  private final DeltaEndpoint delta = new DeltaEndpoint(new CachedResponses(cache), polls, cache);

  @AfterEach
  void end() {
    cache.close();
    timer.shutdownNow();
  }

  @Test
  void handle_plain_returnsTheRecentChanges() throws MalformedDocumentException {
    register("a");
    register("b");

    Applications reported = document(ResponseFuture.by(delta, request("")));

    assertThat(ids(reported)).containsExactlyInAnyOrder("a", "b");
    assertThat(reported.version()).isEqualTo(Long.toString(registry.version()));
    assertThat(reported.appsHashCode()).isEqualTo("UP_2_");
  }

  @Test
  void handle_since_returnsLaterChangesOnly() throws MalformedDocumentException {
    register("a");
    long seen = registry.version();
    register("b");
    register("c");
    registry.cancel(new InstanceKey("A", "b"), Origin.CLIENT);

    Response response = ResponseFuture.by(delta, request("since=" + seen));

    Applications reported = document(response);
    assertThat(ids(reported)).containsExactlyInAnyOrder("b", "c");
    assertThat(reported.appsHashCode()).isEqualTo("UP_2_");
    assertThat(response.headers())
        .containsEntry("Systole-Version", Long.toString(registry.version()));
  }

  @Test
  void handle_sinceNowWithoutWait_isEmptyAtOnce() throws MalformedDocumentException {
    register("a");

    Applications reported =
        document(ResponseFuture.by(delta, request("since=" + registry.version())));

    assertThat(ids(reported)).isEmpty();
    assertThat(reported.appsHashCode()).isEqualTo("UP_1_");
  }

  @Test
  void handle_sinceADroppedVersion_is410() {
    long seen = registry.version();
    for (int i = 0; i <= CHANGES_MAX; i++) {
      register("i-" + i);
    }

    assertThat(ResponseFuture.by(delta, request("since=" + seen)).status()).isEqualTo(410);
  }

  @Test
  void handle_sinceAnotherRunOrTheFuture_is410() {
    long now = registry.version();

    assertThat(ResponseFuture.by(delta, request("since=1&wait=60")).status()).isEqualTo(410);
    assertThat(
            ResponseFuture.by(delta, request("since=" + (now + 1) + "&wait=60")).status())
        .isEqualTo(410);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"since=", "since=x", "since=-1", "since=1.5", "since=1&wait=x", "since=1&wait=-1"})
  void handle_invalidNumber_is400(String query) {
    assertThat(ResponseFuture.by(delta, request(query)).status()).isEqualTo(400);
  }

  @Test
  void handle_wait_completesOnAChange() throws MalformedDocumentException {
    register("a");
    ResponseFuture waiting = waiting();

    register("b");

    assertThat(ids(document(waiting.await()))).containsExactly("b");
    assertThat(polls.pendingCount()).isZero();
  }

  @Test
  void handle_waitLongerThanAllowed_isEmptyAtTheLimit() throws MalformedDocumentException {
    register("a");

    Applications reported =
        document(ResponseFuture.by(delta, request("since=" + registry.version() + "&wait=86400")));

    assertThat(ids(reported)).isEmpty();
    assertThat(polls.pendingCount()).isZero();
  }

  @Test
  void handle_tooManyPolls_is503() {
    for (int i = 0; i < POLLS_MAX; i++) {
      waiting();
    }

    Response refused =
        ResponseFuture.by(delta, request("since=" + registry.version() + "&wait=60"));

    assertThat(refused).isSameAs(Response.OVERLOADED);
  }

  @Test
  void handle_abandoned_isNotPending() {
    ResponseFuture waiting = waiting();
    assertThat(polls.pendingCount()).isEqualTo(1);

    waiting.abandon();

    assertThat(polls.pendingCount()).isZero();
    register("b");
    await().during(Duration.ofMillis(20)).until(() -> !waiting.isDone());
  }

  private ResponseFuture waiting() {
    return ResponseFuture.start(delta, request("since=" + registry.version() + "&wait=60"));
  }

  private void register(String id) {
    registry.register(Instances.up("A", id, 90), Origin.CLIENT);
  }

  private static Request request(String query) {
    return Requests.query(query, "Accept", "application/json");
  }

  private static Applications document(Response response) throws MalformedDocumentException {
    assertThat(response.status()).isEqualTo(200);
    return new JsonCodec().decodeApplications(response.bytes(), 0, response.bytes().length, 0);
  }

  private static List<String> ids(Applications applications) {
    return applications.applications().stream()
        .flatMap(application -> application.instances().stream())
        .map(instance -> instance.id())
        .toList();
  }
}
