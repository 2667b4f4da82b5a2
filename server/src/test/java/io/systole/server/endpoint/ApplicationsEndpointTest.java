// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.codec.MalformedDocumentException;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.events.EventSettings;
import io.systole.server.events.EventStreams;
import io.systole.server.registry.Instances;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RegistrySettings;
import io.systole.server.responsecache.CacheKey.CacheScope;
import io.systole.server.responsecache.ResponseCache;
import io.systole.server.route.BodySource;
import io.systole.server.route.Request;
import io.systole.server.route.Response;
import io.systole.server.route.ResponseBody;
import io.systole.server.time.ManualClock;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Spec §1.2, §1.3, and §8 rows 72 and 73. */
class ApplicationsEndpointTest {
  private final ManualClock clock = new ManualClock();
  private final Registry registry =
      new Registry(new RegistrySettings(10, true, 180_000, 100), clock);
  private final ResponseCache cache = new ResponseCache(registry, clock);
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final EventStreams streams = new EventStreams(
      cache, registry.changes(), clock, new EventSettings(1, 100, 1_000, 1, 1_000), timer);
  private final CachedResponses cachedResponses = new CachedResponses(cache);
  private final ApplicationsEndpoint all =
      ApplicationsEndpoint.everything(cachedResponses, streams);
  private final ApplicationsEndpoint apps =
      ApplicationsEndpoint.application(cachedResponses, streams);
  private final ApplicationsEndpoint vips =
      ApplicationsEndpoint.behind(CacheScope.VIP, cachedResponses, streams);
  private final ApplicationsEndpoint secureVips =
      ApplicationsEndpoint.behind(CacheScope.SECURE_VIP, cachedResponses, streams);

  @AfterEach
  void end() {
    cache.close();
    timer.shutdownNow();
  }

  @BeforeEach
  void register() {
    register("A", "a-1", "va,vb", InstanceStatus.UP);
    register("B", "b-1", "vb", InstanceStatus.DOWN);
    register("C", "c-1", null, InstanceStatus.UP);
  }

  @ParameterizedTest
  @CsvSource({
    "va, UP_1_, 1",
    "vb, DOWN_1_UP_1_, 2",
    "VB, '', 0",
    "'va,vb', '', 0",
    "' vb', '', 0",
    "nope, '', 0"
  })
  void handle_vip_matchesOneElementExactly(String vip, String hashCode, int instances)
      throws MalformedDocumentException {
    Applications found = applications(vips, vip);

    assertThat(found.version()).isEqualTo("-1");
    assertThat(found.appsHashCode()).isEqualTo(hashCode);
    assertThat(found.applications()).hasSize(instances);
  }

  @Test
  void handle_secureVip_matchesSecureAddresses() throws MalformedDocumentException {
    assertThat(applications(secureVips, "s-va,vb").applications()).isEmpty();
    assertThat(applications(secureVips, "s-va").applications()).hasSize(1);
    assertThat(applications(vips, "s-va").applications()).isEmpty();
  }

  @Test
  void handle_compact_isInCompactForm() {
    Response response = ResponseFuture.by(
        vips,
        Requests.get(
            Map.of("vip", "va"), "Accept", "application/json", "X-Eureka-Accept", "COMPACT"));

    assertThat(Requests.body(response))
        .contains("\"registeredApplicationsEmpty\":false")
        .doesNotContain("leaseInfo");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "gzip"})
  void handle_withTheTagOfTheResponse_isNotModifiedUntilItChanges(String coding) {
    Response first = ResponseFuture.by(all, Requests.get(Map.of(), "Accept-Encoding", coding));
    String tag = requireNonNull(first.headers().get("ETag"));

    Response again = ResponseFuture.by(all, Requests.get(Map.of(), "If-None-Match", tag));
    register("B", "b-9", "vb", InstanceStatus.UP);
    Response changed = ResponseFuture.by(all, Requests.get(Map.of(), "If-None-Match", tag));

    assertThat(again.status()).isEqualTo(304);
    assertThat(again.body()).isSameAs(ResponseBody.NONE);
    assertThat(again.headers()).containsKeys("ETag", "Vary");
    assertThat(changed.status()).isEqualTo(200);
    assertThat(changed.headers().get("ETag")).isNotEqualTo(tag);
  }

  @Test
  void handle_withTheTagOfAnApplication_isNotModifiedWhileOthersChange() {
    Response first = ResponseFuture.by(apps, application("A"));
    String tag = requireNonNull(first.headers().get("ETag"));

    register("B", "b-9", "vb", InstanceStatus.UP);
    Response unconcerned =
        ResponseFuture.by(apps, application("A", "If-None-Match", "\"x\", W/" + tag));
    register("A", "a-2", "va", InstanceStatus.UP);
    Response changed = ResponseFuture.by(apps, application("A", "If-None-Match", tag));

    assertThat(unconcerned.status()).isEqualTo(304);
    assertThat(changed.status()).isEqualTo(200);
    assertThat(changed.headers().get("ETag")).isNotEqualTo(tag);
  }

  @Test
  void handle_tags_differByFormatFormAndCoding() {
    Set<String> tags = new HashSet<>();
    for (String accept : new String[] {"application/json", "application/xml"}) {
      for (String form : new String[] {"full", "compact"}) {
        for (String coding : new String[] {"identity", "gzip"}) {
          Request request = Requests.get(
              Map.of(), "Accept", accept, "X-Eureka-Accept", form, "Accept-Encoding", coding);
          tags.add(requireNonNull(ResponseFuture.by(all, request).headers().get("ETag")));
        }
      }
    }

    assertThat(tags).hasSize(8);
  }

  @Test
  void handle_fullRegistry_hasAVersionHeaderButAnApplicationHasNone() {
    Response whole = ResponseFuture.by(all, Requests.get(Map.of()));
    Response one = ResponseFuture.by(apps, application("A"));

    assertThat(whole.headers()).containsEntry("Systole-Version", Long.toString(registry.version()));
    assertThat(one.headers()).doesNotContainKey("Systole-Version");
  }

  @Test
  void handle_unknownApplication_is404() {
    assertThat(ResponseFuture.by(apps, application("NOPE")).isBare()).isTrue();
    assertThat(
            ResponseFuture.by(apps, application("NOPE", "If-None-Match", "*")).status())
        .isEqualTo(404);
  }

  @Test
  void handle_eventStreamAccepted_isAnEndlessBody() {
    Response response =
        ResponseFuture.by(all, Requests.get(Map.of(), "Accept", "text/event-stream"));

    assertThat(response.contentType()).isEqualTo("text/event-stream");
    assertThat(response.body().length()).isEqualTo(ResponseBody.UNKNOWN_LENGTH);
  }

  @Test
  void handle_eventStreamWithLastEventId_isResumed() {
    String seen = Long.toString(registry.version());
    register("A", "a-9", "va", InstanceStatus.UP);

    assertThat(firstEvents(seen)).startsWith("id: " + registry.version() + "\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "-1", "1.5", "99999999999999999999"})
  void handle_eventStreamWithInvalidId_startsAnew(String lastEventId) {
    assertThat(firstEvents(lastEventId)).startsWith("event: reset\ndata: {\"instances\":3}\n\n");
  }

  private String firstEvents(String lastEventId) {
    Response response = ResponseFuture.by(
        all, Requests.get(Map.of(), "Accept", "text/event-stream", "Last-Event-ID", lastEventId));
    byte[] some = new byte[64];
    try (BodySource stream =
        ((ResponseBody.Streaming) response.body()).sources().apply(() -> {})) {
      int count = stream.read(some, 0, some.length);
      return new String(some, 0, count, UTF_8);
    }
  }

  @Test
  void handle_eventStreamWhenStopped_is500() {
    cache.close();

    Response response =
        ResponseFuture.by(all, Requests.get(Map.of(), "Accept", "text/event-stream"));

    assertThat(response).isSameAs(Response.INTERNAL_ERROR);
  }

  private static Request application(String app, String... headers) {
    return Requests.get(Map.of("app", app), headers);
  }

  private static Applications applications(ApplicationsEndpoint endpoint, String vip)
      throws MalformedDocumentException {
    Response response =
        ResponseFuture.by(endpoint, Requests.get(Map.of("vip", vip), "Accept", "application/json"));
    assertThat(response.status()).isEqualTo(200);
    return new JsonCodec().decodeApplications(response.bytes(), 0, response.bytes().length, 0);
  }

  private void register(String app, String id, @Nullable String vip, InstanceStatus status) {
    InstanceInfo instance = Instances.up(app, id, 90).toBuilder()
        .status(status)
        .vipAddress(vip)
        .secureVipAddress(vip == null ? null : "s-" + vip)
        .build();
    registry.register(instance, Origin.CLIENT);
  }
}
