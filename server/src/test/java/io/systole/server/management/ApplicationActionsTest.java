// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.time.Clock;
import io.systole.server.eviction.EvictionRules;
import io.systole.server.registry.Change;
import io.systole.server.registry.Origin;
import io.systole.server.registry.RecentEventLog.Eviction;
import io.systole.server.registry.Registry;
import io.systole.server.registry.Requester;
import io.systole.server.route.AsyncRequestHandler;
import io.systole.server.route.Response;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Changes of whole applications. */
class ApplicationActionsTest {
  private final ManagementFixture fixture = new ManagementFixture(EvictionRules.STOCK, false);
  private @Nullable ApplicationActions actions;

  @AfterEach
  void closeActions() {
    if (actions != null) {
      actions.close();
    }
  }

  private ApplicationActions actions(LongConsumer pauseNs) {
    ApplicationActions created = new ApplicationActions(fixture.registry, fixture.clock, pauseNs);
    actions = created;
    return created;
  }

  private static Response sent(AsyncRequestHandler endpoint, String app, String query) {
    SentResponse callback = new SentResponse();
    QueryRules.of("value")
        .guard(endpoint)
        .handle(ManagementFixture.request(Map.of("app", app), query), callback);
    return callback.next();
  }

  private static JsonNode done(AsyncRequestHandler endpoint, String app, String query) {
    Response response = sent(endpoint, app, query);
    assertThat(response.status()).isEqualTo(200);
    return ManagementFixture.read(response);
  }

  private @Nullable InstanceStatus override(String app, String id) {
    var lease = fixture.registry.inspector().find(new InstanceKey(app, id));
    return lease == null ? null : lease.override();
  }

  @Test
  void evict_unknownApplication_is404() {
    fixture.register("PAY", 1);

    Response response = sent(actions(ns -> {}).eviction(), "pya", "");

    assertThat(response.status()).isEqualTo(404);
    assertThat(ManagementFixture.read(response).path("reason").asString())
        .isEqualTo("Application PYA has no leases.");
    assertThat(fixture.registry.leaseCount()).isEqualTo(1);
  }

  @Test
  void evict_application_endsItsLeasesOnly() {
    fixture.register("PAY", 3);
    fixture.register("BILL", 2);

    JsonNode response = done(actions(ns -> {}).eviction(), "pay", "");

    assertThat(response.toString())
        .isEqualTo("{\"app\":\"PAY\",\"action\":\"evict\",\"done\":3,\"left\":0,"
            + "\"summary\":\"3 leases of PAY were evicted.\"}");
    assertThat(fixture.registry.leaseCount()).isEqualTo(2);
    assertThat(fixture.registry.recentEvents().evicted().latest())
        .hasSize(3)
        .extracting(Eviction::requester)
        .containsOnly(new Requester(null, "10.0.0.9:4711"));
  }

  @Test
  void extend_application_extendsExpiredLeases() {
    fixture.register("PAY", 1);
    fixture.clock.advanceMs(95_000);

    JsonNode response = done(actions(ns -> {}).extension(), "PAY", "");

    assertThat(response.path("summary").asString()).isEqualTo("1 lease of PAY was extended.");
    assertThat(fixture.explanation("PAY", "pay-0").at("/lease/validForMs").asLong())
        .isEqualTo(90_000);
  }

  @Test
  void override_application_isSetAndRemoved() {
    fixture.register("PAY", 2);
    ApplicationActions created = actions(ns -> {});

    JsonNode set = done(created.setOverride(), "PAY", "value=OUT_OF_SERVICE");

    assertThat(set.path("summary").asString())
        .isEqualTo("The status of 2 instances of PAY was overridden with OUT_OF_SERVICE.");
    assertThat(override("PAY", "pay-1")).isEqualTo(InstanceStatus.OUT_OF_SERVICE);
    assertThat(fixture.explanation("PAY", "pay-1").at("/status/override/by").asString())
        .isEqualTo("operator");

    fixture
        .registry
        .statusOverrides()
        .remove(
            new InstanceKey("PAY", "pay-0"),
            InstanceStatus.UP,
            Registry.NO_TIMESTAMP,
            Origin.CLIENT);
    fixture.clock.advanceMs(10_000);
    JsonNode removed = done(created.removeOverride(), "PAY", "value=UP");

    // The lease of an instance without an override must not be renewed by it.
    assertThat(removed.path("done").asInt()).isEqualTo(1);
    assertThat(removed.path("summary").asString())
        .isEqualTo("The status override of 1 instance of PAY was removed.");
    assertThat(override("PAY", "pay-1")).isNull();
  }

  @Test
  void override_invalidValue_is400() {
    fixture.register("PAY", 1);
    ApplicationActions created = actions(ns -> {});

    assertThat(sent(created.setOverride(), "PAY", "").status()).isEqualTo(400);
    assertThat(sent(created.setOverride(), "PAY", "value=GONE").status()).isEqualTo(400);
    assertThat(sent(created.removeOverride(), "PAY", "value=GONE").status()).isEqualTo(400);
    assertThat(override("PAY", "pay-0")).isNull();
  }

  @Test
  void evict_readersFarBehind_pausesUntilTheyCatchUp() {
    AtomicBoolean isBehind = new AtomicBoolean(true);
    AtomicLong pauses = new AtomicLong();
    var start = fixture.registry.changes().oldest();
    fixture
        .registry
        .changes()
        .addFollower(() -> isBehind.get() ? start : fixture.registry.changes().last());
    fixture.register("PAY", 3);
    fixture.limitChanges(1);

    JsonNode response = done(
        actions(ns -> {
              if (pauses.incrementAndGet() == 5) {
                isBehind.set(false);
              }
            })
            .eviction(),
        "PAY",
        "");

    assertThat(response.path("done").asInt()).isEqualTo(3);
    assertThat(pauses.get()).isEqualTo(5);
  }

  @Test
  void evict_readersStayBehind_stopsAtTheTimeLimit() {
    var start = fixture.registry.changes().oldest();
    fixture.registry.changes().addFollower(() -> start);
    fixture.register("PAY", 3);
    fixture.limitChanges(1);

    JsonNode response = done(actions(ns -> fixture.clock.advanceMs(1_000)).eviction(), "PAY", "");

    assertThat(response.path("done").asInt(-1)).isZero();
    assertThat(response.path("left").asInt()).isEqualTo(3);
    assertThat(response.path("summary").asString())
        .isEqualTo("0 leases of PAY were evicted. The time limit was reached; repeat the request"
            + " for the other 3.");
    assertThat(fixture.registry.leaseCount()).isEqualTo(3);
  }

  @Test
  void evict_manyLeases_pausesFourTimesAsLongAsItWorks() {
    fixture.register("PAY", 160);
    AtomicLong pausedNs = new AtomicLong();
    // Each of ten slices takes 3 ms by this clock, which a poll reads once or twice.
    Clock slow = new Clock() {
      @Override
      public long wallMs() {
        return fixture.clock.wallMs();
      }

      @Override
      public long monotonicNs() {
        fixture.clock.advanceMs(3);
        return fixture.clock.monotonicNs();
      }
    };
    ApplicationActions created =
        new ApplicationActions(fixture.registry, slow, pausedNs::addAndGet);
    actions = created;

    JsonNode response = done(created.eviction(), "PAY", "");

    assertThat(response.path("done").asInt()).isEqualTo(160);
    assertThat(pausedNs.get()).isEqualTo(TimeUnit.MILLISECONDS.toNanos(10 * 4 * 3));
  }

  @Test
  void evict_tooManyWaiting_is503() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch mayEnd = new CountDownLatch(1);
    var start = fixture.registry.changes().oldest();
    fixture.registry.changes().addFollower(() -> mayEnd.getCount() > 0 ? start : last());
    fixture.register("PAY", 1);
    fixture.limitChanges(1);
    AsyncRequestHandler evict = actions(ns -> {
          begun.countDown();
          await(mayEnd);
        })
        .eviction();
    SentResponse callback = new SentResponse();
    evict.handle(ManagementFixture.request(Map.of("app", "PAY"), ""), callback);
    await(begun);

    for (int i = 0; i < ApplicationActions.WAITING_MAX; i++) {
      evict.handle(ManagementFixture.request(Map.of("app", "PAY"), ""), callback);
    }
    assertThat(sent(evict, "PAY", "").status()).isEqualTo(503);

    mayEnd.countDown();
    assertThat(callback.next().status()).isEqualTo(200);
    for (int i = 0; i < ApplicationActions.WAITING_MAX; i++) {
      assertThat(callback.next().status()).isEqualTo(404);
    }
  }

  private Change last() {
    return fixture.registry.changes().last();
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
