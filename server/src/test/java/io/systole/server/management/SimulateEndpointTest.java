// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.http.HttpMethod;
import io.systole.protocol.http.QueryParameters;
import io.systole.protocol.time.Clock;
import io.systole.server.eviction.EvictionRules;
import io.systole.server.eviction.EvictionRules.RenewalThresholdMode;
import io.systole.server.eviction.ProtectionRule;
import io.systole.server.route.Request;
import io.systole.server.route.Response;
import io.systole.server.route.ResponseCallback;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class SimulateEndpointTest {
  private static final EvictionRules BY_APP = new EvictionRules(
      true, 0.85, 30, RenewalThresholdMode.NETFLIX, Set.of(ProtectionRule.APP), 3_600_000);

  private final ManagementFixture fixture = new ManagementFixture(BY_APP, false);

  @Test
  void simulate_withoutChanges_isTheNextRun() {
    fixture.register("BIG", 20);
    fixture.register("LONE", 1);
    fixture.clock.advanceMs(95_000);
    fixture.register("ALIVE", 10);
    long version = fixture.registry.version();

    JsonNode response = requested("{\"afterMs\": 0}");

    assertThat(fixture.registry.version()).isEqualTo(version);
    fixture.evictor.run();
    assertThat(response.at("/evicted/count").asInt())
        .isEqualTo(fixture.evictor.lastRun().evicted());
    assertThat(response.at("/evicted/sample/0/app").asString()).isEqualTo("LONE");
    assertThat(response.at("/lastRun/protectedByRule/app").asInt())
        .isEqualTo(fixture.evictor.lastRun().protectedBy(ProtectionRule.APP))
        .isEqualTo(20);
  }

  @Test
  void simulate_silentApplication_isKeptWhenProtected() {
    fixture.register("BIG", 20);
    fixture.register("ALIVE", 80);

    JsonNode kept = requested("{\"silentApps\": [\"big\"]}");
    JsonNode evicted =
        requested("{\"silentApps\": [\"big\"], \"protect\": [], \"afterMs\": 600000}");

    assertThat(kept.path("silenced").asInt()).isEqualTo(20);
    assertThat(kept.path("afterMs").asLong()).isEqualTo(90_001);
    assertThat(kept.at("/evicted/count").asInt()).isZero();
    assertThat(kept.at("/lastRun/protectedByRule/app").asInt()).isEqualTo(20);
    assertThat(evicted.at("/evicted/count").asInt()).isEqualTo(20);
    assertThat(evicted.at("/evicted/applications/0/name").asString()).isEqualTo("BIG");
  }

  @Test
  void simulate_someFallSilent_drawsThemBySeed() {
    fixture.register("BIG", 50);

    JsonNode once = requested("{\"silentInstances\": 7, \"seed\": 3, \"protect\": []}");
    JsonNode again = requested("{\"silentInstances\": 7, \"seed\": 3, \"protect\": []}");

    assertThat(once.path("silenced").asInt()).isEqualTo(7);
    assertThat(once.at("/evicted/count").asInt()).isEqualTo(7);
    assertThat(once).isEqualTo(again);
  }

  @Test
  void simulate_shorterDuration_endsWhatWouldHaveExpired() {
    fixture.register("BIG", 10);
    fixture.clock.advanceMs(50_000);

    JsonNode response = requested("{\"durationSecs\": 40, \"protect\": [], \"afterMs\": 0}");

    assertThat(response.at("/lastRun/expired").asInt()).isEqualTo(10);
    assertThat(response.at("/evicted/count").asInt()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{            | the body is not JSON",
        "[]           | the body is not a JSON object",
        "{'shar':1}   | shar is unknown",
        "{'share':2}  | share=2 is not a number within 0..1",
        "{'share':'1'} | share=\"1\" is not a number",
        "{'afterMs':-1} | afterMs=-1 is not a whole number",
        "{'afterMs':1.5} | afterMs=1.5 is not a whole number",
        "{'afterMs':80000000,'evictionIntervalMs':100} | afterMs=80000000 is more than 2000 runs",
        "{'leaseMode':'lax'} | leaseMode=\"lax\" is none of netflix, strict",
        "{'threshold':1} | threshold=1 is none of netflix, leases",
        "{'protect':['cap']} | protect contains cap",
        "{'silentApps':'A'} | silentApps is not an array",
        "{'silentZones':[1]} | silentZones contains 1"
      })
  void simulate_badBody_is400AndNamesTheMember(String body, String reason) {
    Response response = response(fixture.simulations(fixture.clock), body.replace('\'', '"'));

    assertThat(response.status()).isEqualTo(400);
    assertThat(ManagementFixture.read(response).path("reason").asString()).startsWith(reason);
  }

  @Test
  void simulate_whileAnotherIsUnderWay_is503() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch mayEnd = new CountDownLatch(1);
    SimulateEndpoint endpoint = fixture.simulations(new Clock() {
      @Override
      public long wallMs() {
        return fixture.clock.wallMs();
      }

      @Override
      public long monotonicNs() {
        begun.countDown();
        try {
          mayEnd.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
          Thread.currentThread().interrupt();
        }
        return fixture.clock.monotonicNs();
      }
    });
    CompletableFuture<Response> first = begin(endpoint, "");
    assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();

    Response second = response(endpoint, "");
    mayEnd.countDown();

    assertThat(second.status()).isEqualTo(503);
    assertThat(first.orTimeout(20, TimeUnit.SECONDS).join().status()).isEqualTo(200);
    assertThat(response(endpoint, "").status()).isEqualTo(200);
  }

  private JsonNode requested(String body) {
    return ManagementFixture.read(response(fixture.simulations(fixture.clock), body));
  }

  private static Response response(SimulateEndpoint endpoint, String body) {
    return begin(endpoint, body).orTimeout(20, TimeUnit.SECONDS).join();
  }

  private static CompletableFuture<Response> begin(SimulateEndpoint endpoint, String body) {
    CompletableFuture<Response> response = new CompletableFuture<>();
    Request request = new Request(HttpMethod.POST, Map.of(), QueryParameters.EMPTY, Map.of())
        .withBody(body.getBytes(StandardCharsets.UTF_8));
    endpoint.handle(request, new ResponseCallback() {
      @Override
      public void send(Response sent) {
        response.complete(sent);
      }

      @Override
      public void onAbandoned(Runnable action) {}
    });
    return response;
  }
}
