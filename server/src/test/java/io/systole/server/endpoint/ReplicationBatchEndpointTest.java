// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import static io.systole.protocol.model.InstanceStatus.DOWN;
import static io.systole.protocol.model.InstanceStatus.OUT_OF_SERVICE;
import static io.systole.protocol.model.InstanceStatus.UNKNOWN;
import static io.systole.protocol.model.InstanceStatus.UP;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.systole.protocol.codec.DocumentLimits;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.server.metrics.Counters;
import io.systole.server.metrics.Counters.ItemRefusal;
import io.systole.server.registry.ByteBounds;
import io.systole.server.registry.Instances;
import io.systole.server.registry.LeaseRules;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RegistrySettings;
import io.systole.server.registry.RenewOutcome;
import io.systole.server.registry.RenewedSlots;
import io.systole.server.route.Response;
import io.systole.server.time.ManualClock;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.Collections;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The result of each item (spec §5.1); DEMO/i-1 is registered and UP. */
class ReplicationBatchEndpointTest {
  private static final InstanceKey KEY = new InstanceKey("DEMO", "i-1");
  private static final String RUN_ID = "run-1";
  private static final int DURATION_SECS = 90;
  private static final String DATA_CENTER =
      "'dataCenterInfo':{'@class':'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo',"
          + "'name':'MyOwn'}";

  private final ManualClock clock = new ManualClock();
  private final Registry registry = new Registry(
      new RegistrySettings(
          2, true, 180_000, 100, LeaseRules.STOCK, new ByteBounds(1_000, 10_000, 10_000)),
      clock);
  private final Counters counters = new Counters();
  private final RenewedSlots renewed = new RenewedSlots();
  private final ReplicationBatchEndpoint endpoint = new ReplicationBatchEndpoint(
      registry, new RequestBodyDecoder(1 << 20), clock, counters, () -> renewed, RUN_ID);

  @BeforeEach
  void register() {
    registry.register(Instances.up("DEMO", "i-1", DURATION_SECS), Origin.CLIENT);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "heartbeat, same version    | 'action':'Heartbeat','lastDirtyTimestamp':1700000000000 | 200",
        "heartbeat, as text         | 'action':'Heartbeat','lastDirtyTimestamp':'1700000000000' | 200",
        "heartbeat, no version      | 'action':'Heartbeat' | 200",
        "heartbeat, newer           | 'action':'Heartbeat','lastDirtyTimestamp':1700000000001 | 404",
        "heartbeat, escaped id      | 'action':'Heartbeat','id':'\\u0069-1' | 200",
        "heartbeat, second id wins  | 'action':'Heartbeat','id':'nobody' | 404",
        "heartbeat, fraction        | 'action':'Heartbeat','lastDirtyTimestamp':1700000000001.5 | 404",
        "heartbeat, huge timestamp  | 'action':'Heartbeat','lastDirtyTimestamp':1e400 | 200",
        "heartbeat, far future      | 'action':'Heartbeat','lastDirtyTimestamp':9223372036854775807 | 404",
        "heartbeat, unknown member  | 'action':'Heartbeat','novelty':{'a':[1]} | 200",
        "status                     | 'action':'StatusUpdate','status':'DOWN' | 200",
        "unknown status             | 'action':'StatusUpdate','status':'down' | 500",
        "status, none given         | 'action':'StatusUpdate' | 500",
        "remove                     | 'action':'DeleteStatusOverride','lastDirtyTimestamp':1 | 200",
        "remove, no version         | 'action':'DeleteStatusOverride' | 500",
        "cancel                     | 'action':'Cancel' | 200",
        "register without document  | 'action':'Register' | 500",
        "unknown action             | 'action':'Dance' | 500",
        "no action                  | 'status':'UP' | 500"
      })
  void handle_item_hasItsStatus(String name, String members, int status) {
    String response = send("{'appName':'demo','id':'i-1'," + members + "}");

    assertThat(response).as(name).isEqualTo("{\"responseList\":[{\"statusCode\":" + status + "}]}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"i-1", "\\u0069-1"})
  void handle_heartbeat_isRecordedForMembersOfTheCluster(String id) {
    send("{'appName':'DEMO','id':'" + id + "','action':'Heartbeat'},"
        + "{'appName':'DEMO','id':'nobody','action':'Heartbeat'}");

    assertThat(BitSet.valueOf(renewed.take()).stream())
        .containsExactly(registry.replicated().find(KEY));
  }

  @ParameterizedTest
  @CsvSource({"Heartbeat, 404", "Cancel, 404", "StatusUpdate, 404", "DeleteStatusOverride, 404"})
  void handle_unknownInstance_is404(String action, int status) {
    String response = send("{'appName':'DEMO','id':'nobody','action':'" + action
        + "','status':'UP','lastDirtyTimestamp':1}");

    assertThat(response).isEqualTo("{\"responseList\":[{\"statusCode\":" + status + "}]}");
  }

  @Test
  void handle_heartbeatOlder_is409WithTheNewerInstanceUnwrapped() {
    String response = send(
        "{'appName':'DEMO','id':'i-1','action':'Heartbeat','lastDirtyTimestamp':1699999999999}");

    assertThat(response)
        .startsWith(
            "{\"responseList\":[{\"statusCode\":409,\"responseEntity\":{\"instanceId\":\"i-1\"")
        .contains("\"lastDirtyTimestamp\":\"1700000000000\"");
  }

  /** A batch of 7 KB had a response of 4 MB, encoded on the event loop. */
  @Test
  void handle_heartbeatsOlderThanALargeInstance_isAResponseOfBoundedLength() {
    Registry larger = new Registry(new RegistrySettings(2, true, 180_000, 100), clock);
    larger.register(
        Instances.up("DEMO", "i-1", DURATION_SECS).toBuilder()
            .metadata(Map.of("k", "x".repeat(60_000)))
            .build(),
        Origin.CLIENT);
    String older =
        "{'appName':'DEMO','id':'i-1','action':'Heartbeat','lastDirtyTimestamp':1699999999999}";
    String body = batch(String.join(",", Collections.nCopies(100, older)));

    Response response = new ReplicationBatchEndpoint(
            larger,
            new RequestBodyDecoder(1 << 20),
            clock,
            counters,
            () -> RenewedSlots.NONE,
            RUN_ID)
        .handle(
            Requests.post(body.getBytes(StandardCharsets.UTF_8), "Content-Type", Response.JSON));

    assertThat(response.body().length())
        .isBetween(60_000L, DocumentLimits.BATCH_RESPONSE_BYTES_MAX + 70_000L);
    assertThat(Requests.body(response).split("\"statusCode\":409", -1)).hasSize(101);
  }

  /** The least number was taken for an absent timestamp, and the result was 200. */
  @ParameterizedTest
  @ValueSource(strings = {"-1", "-9223372036854775808", "'-9223372036854775808'"})
  void handle_heartbeatWithNegativeTimestamp_is409(String timestamp) {
    String response = send("{'appName':'DEMO','id':'i-1','action':'Heartbeat',"
        + "'lastDirtyTimestamp':" + timestamp + "}");

    assertThat(response).startsWith("{\"responseList\":[{\"statusCode\":409,");
  }

  @Test
  void handle_heartbeatOfANonAsciiId_renewsIt() {
    registry.register(Instances.up("DEMO", "i-\u00e9", DURATION_SECS), Origin.CLIENT);

    assertThat(send("{'appName':'demo','id':'i-\u00e9','action':'Heartbeat'}"))
        .isEqualTo("{\"responseList\":[{\"statusCode\":200}]}");
  }

  @Test
  void handle_heartbeats_renewTheLeases() {
    clock.advanceMs(DURATION_SECS * 1_000L - 1);

    send("{'appName':'demo','id':'i-1','lastDirtyTimestamp':1700000000000,'status':'UP',"
        + "'action':'Heartbeat'}");

    assertThat(requireNonNull(registered()).leaseInfo().lastRenewalMs())
        .isEqualTo(clock.wallMs() + DURATION_SECS * 1_000L);
    assertThat(registry.renewal().count(RenewOutcome.RENEWED)).isEqualTo(1);
  }

  @Test
  void handle_heartbeatNewerWithOverride_isAdoptedAndAppliedByTheNext() {
    send("{'appName':'DEMO','id':'i-1','action':'Heartbeat','lastDirtyTimestamp':1700000000001,"
        + "'overriddenStatus':'OUT_OF_SERVICE'}");
    InstanceInfo adopted = requireNonNull(registered());

    send("{'appName':'DEMO','id':'i-1','action':'Heartbeat'}");

    assertThat(adopted.status()).isEqualTo(UP);
    assertThat(adopted.overriddenStatus()).isEqualTo(OUT_OF_SERVICE);
    assertThat(requireNonNull(registered()).status()).isEqualTo(OUT_OF_SERVICE);
  }

  /** A cancel that had waited for its link ended the lease of an instance that was back. */
  @ParameterizedTest
  @CsvSource({"1699999999999, true", "1700000000000, false", "1700000000001, false"})
  void handle_cancel_endsTheLeaseUnlessItIsNewer(long dirtyMs, boolean isKept) {
    String response = send(
        "{'appName':'DEMO','id':'i-1','action':'Cancel','lastDirtyTimestamp':" + dirtyMs + "}");

    assertThat(response).isEqualTo("{\"responseList\":[{\"statusCode\":200}]}");
    assertThat(registered() != null).isEqualTo(isKept);
    assertThat(registry.counters().cancellations()).isEqualTo(isKept ? 0 : 1);
    assertThat(registry.recentEvents().cancelled().latest()).hasSize(isKept ? 0 : 1);
  }

  @Test
  void handle_register_takesPrecedenceOverDown() {
    registry.register(
        Instances.up("DEMO", "i-1", DURATION_SECS).toBuilder().status(DOWN).build(), Origin.PEER);

    String response = send(registration("DEMO", "i-1", "UP"));

    assertThat(response).isEqualTo("{\"responseList\":[{\"statusCode\":200}]}");
    assertThat(requireNonNull(registered()).status()).isEqualTo(UP);
  }

  @Test
  void handle_registerOfTheWrongApplication_is200AndDropped() {
    String item = registration("OTHER", "i-9", "UP").replace("'app':'OTHER'", "'app':'THIRD'");

    assertThat(send(item)).isEqualTo("{\"responseList\":[{\"statusCode\":200}]}");

    assertThat(registry.leaseCount()).isEqualTo(1);
  }

  @Test
  void handle_registerWhenFull_is503() {
    assertThat(send(registration("A", "a", "UP") + "," + registration("B", "b", "UP")))
        .isEqualTo("{\"responseList\":[{\"statusCode\":200},{\"statusCode\":503}]}");
  }

  @Test
  void handle_registerOfATooLargeDocument_is413AndTheOthersApply() {
    String large = registration("A", "a".repeat(1_000), "UP");

    assertThat(send(large + "," + registration("B", "b", "UP")))
        .isEqualTo("{\"responseList\":[{\"statusCode\":413},{\"statusCode\":200}]}");

    assertThat(registry.leaseCount()).isEqualTo(2);
  }

  @Test
  void handle_statusUpdateWithNewerVersion_takesIt() {
    send("{'appName':'DEMO','id':'i-1','action':'StatusUpdate','status':'DOWN',"
        + "'lastDirtyTimestamp':1700000000005}");

    assertThat(requireNonNull(registered()).status()).isEqualTo(DOWN);
    assertThat(requireNonNull(registered()).lastDirtyMs()).isEqualTo(1_700_000_000_005L);
  }

  @Test
  void handle_removedOverrideWithoutStatus_isUnknown() {
    send("{'appName':'DEMO','id':'i-1','action':'StatusUpdate','status':'DOWN'}");

    send("{'appName':'DEMO','id':'i-1','action':'DeleteStatusOverride','lastDirtyTimestamp':1}");

    assertThat(requireNonNull(registered()).status()).isEqualTo(UNKNOWN);
  }

  @Test
  void handle_severalItems_applyInOrder() {
    String cancel = "{'appName':'DEMO','id':'i-1','action':'Cancel'}";
    String heartbeat = "{'appName':'DEMO','id':'i-1','action':'Heartbeat'}";

    String response = send(String.join(",", cancel, heartbeat, cancel));

    assertThat(response)
        .isEqualTo("{\"responseList\":[{\"statusCode\":200},{\"statusCode\":404},"
            + "{\"statusCode\":404}]}");
    assertThat(registered()).isNull();
  }

  @Test
  void handle_fullBatch_answersEachItem() {
    String items = IntStream.range(0, 250)
        .mapToObj(i -> "{'appName':'DEMO','id':'i-" + i + "','action':'Heartbeat'}")
        .collect(Collectors.joining(","));

    String response = send(items);

    assertThat(response.split("statusCode", -1)).hasSize(251);
    assertThat(response)
        .startsWith("{\"responseList\":[{\"statusCode\":404},{\"statusCode\":200},");
  }

  /** A batch that the network delivered after its repetition undid later changes for good. */
  @Test
  void handle_batchAfterALaterOneOfItsSequence_is409AndChangesNothing() {
    String cancel = batch("{'appName':'DEMO','id':'i-1','action':'Cancel'}");
    assertThat(postBatch(batch(""), "sender/2").status()).isEqualTo(200);

    assertThat(postBatch(cancel, "sender/1").status()).isEqualTo(409);
    assertThat(postBatch(cancel, "sender/2").status()).isEqualTo(409);

    assertThat(registered()).isNotNull();
    assertThat(postBatch(cancel, "sender/3").status()).isEqualTo(200);
    assertThat(registered()).isNull();
  }

  /** A damaged batch is sent again with the next number, or another batch is. */
  @Test
  void handle_batchIsMalformed_isNotRecorded() {
    assertThat(postBatch("{", "sender/2").status()).isEqualTo(400);

    assertThat(postBatch(batch(""), "sender/1").status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "/", "/1", "sender", "sender/", "sender/x", "sender/9223372036854775808"})
  void handle_positionIsMalformed_isIgnored(String position) {
    assertThat(postBatch(batch(""), position).status()).isEqualTo(200);
    assertThat(postBatch(batch(""), position).status()).isEqualTo(200);
  }

  /** Sequences that anybody invented made the node forget those of its peers. */
  @Test
  void handle_manySequencesOfAnotherSource_keepsThatOfAPeer() {
    assertThat(postFrom("192.0.2.1", "peer/7").status()).isEqualTo(200);

    for (int i = 0; i < 2 * BatchSequences.SEQUENCES_MAX; i++) {
      assertThat(postFrom("192.0.2.2", "invented-" + i + "/1").status()).isEqualTo(200);
    }

    assertThat(postFrom("192.0.2.1", "peer/7").status()).isEqualTo(409);
  }

  private Response postFrom(String address, String position) {
    byte[] body = batch("").getBytes(StandardCharsets.UTF_8);
    return endpoint.handle(
        Requests.post(body, "Content-Type", Response.JSON, "Systole-Batch", position)
            .withSender(new InetSocketAddress(address, 1)));
  }

  private static String batch(String items) {
    return ("{'replicationList':[" + items + "]}").replace('\'', '"');
  }

  private Response postBatch(String body, String position) {
    return post(body, "Content-Type", Response.JSON, "Systole-Batch", position);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'id':'i-1','action':'StatusUpdate'                       | INCOMPLETE",
        "'id':'i-1','action':'DeleteStatusOverride'               | INCOMPLETE",
        "'id':'i-1','action':'Register'                           | INCOMPLETE",
        "'id':'i-1','action':'Dance'                              | INCOMPLETE",
        "'id':'','action':'Cancel'                                | INCOMPLETE",
        "'id':'i-1','action':'Register','instanceInfo':{'instanceId':'i-1','app':'DEMO'} | INVALID"
      })
  void handle_itemIsIncompleteOrInvalid_isCountedByReason(String members, ItemRefusal reason) {
    send("{'appName':'DEMO'," + members + "},"
        + "{'appName':'DEMO','id':'i-1','action':'Heartbeat'}");

    assertThat(refusals()).isEqualTo(Map.of(reason, 1L));
  }

  @Test
  void handle_itemsOfUnknownInstances_areNoRefusals() {
    send("{'appName':'DEMO','id':'nobody','action':'Heartbeat'},"
        + "{'appName':'DEMO','id':'nobody','action':'Cancel'}");

    assertThat(refusals()).isEmpty();
  }

  /** Returns the counts above 0. */
  private Map<ItemRefusal, Long> refusals() {
    return Stream.of(ItemRefusal.values())
        .filter(reason -> counters.itemRefusals(reason) > 0)
        .collect(Collectors.toMap(reason -> reason, counters::itemRefusals));
  }

  @Test
  void handle_noItems_isAnEmptyList() {
    assertThat(send("")).isEqualTo("{\"responseList\":[]}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{}",
        "{\"replicationList\":null}",
        "{\"replicationList\":{}}",
        "{",
        "{\"replicationList\":[1]}",
        "{\"replicationList\":[]} x"
      })
  void handle_malformedBatch_is400(String body) {
    Response response = post(body, "Content-Type", Response.JSON);

    assertThat(response.status()).isEqualTo(400);
    assertThat(Requests.body(response)).isEqualTo("{\"error\": \"cannot parse request body\"}");
  }

  /** A heartbeat is applied at once only if the rest of its batch can be read as well. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "]",
        "]} x",
        ",]}",
        ",{]}",
        ",{'id':'i-1'",
        ",{'id':'i-1','action':'Heartbeat'",
        ",5]}",
        ",{'id':'\\x','action':'Heartbeat'}]}",
        ",{'id':'i-1','lastDirtyTimestamp':007,'action':'Heartbeat'}]}",
        "],'replicationList':5}",
      })
  void handle_malformedAfterHeartbeats_is400AndNothingIsApplied(String end) {
    String heartbeats = String.join(
        ",", Collections.nCopies(200, "{'appName':'DEMO','id':'i-1','action':'Heartbeat'}"));
    String body = ("{'replicationList':[" + heartbeats + end).replace('\'', '"');

    Response response = post(body, "Content-Type", Response.JSON);

    assertThat(response.status()).isEqualTo(400);
    assertThat(registry.renewal().count()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"[", "{'a':", "{'appName':'DEMO','id':'i-1','novelty':["})
  void handle_deeplyNested_is400AndNothingIsApplied(String opening) {
    String cancel = "{'appName':'DEMO','id':'i-1','action':'Cancel'},";
    String body = "{'replicationList':[" + cancel + opening.repeat(10_000);

    Response response = post(body.replace('\'', '"'), "Content-Type", Response.JSON);

    assertThat(response.status()).isEqualTo(400);
    assertThat(registered()).isNotNull();
  }

  @Test
  void handle_millionItems_is413() {
    String body = "{\"replicationList\":[" + "{},".repeat(1_000_000) + "{}]}";

    assertThat(post(body, "Content-Type", Response.JSON).status()).isEqualTo(413);
  }

  @Test
  void handle_longestText_isUnknownOnly() {
    String id = "i".repeat(200_000);

    assertThat(send("{'appName':'DEMO','id':'" + id + "','action':'Heartbeat'}"))
        .isEqualTo("{\"responseList\":[{\"statusCode\":404}]}");
  }

  /** As with stock servers such an instance wins from then on; its lease still ends. */
  @ParameterizedTest
  @ValueSource(longs = {Long.MAX_VALUE, -1, Long.MIN_VALUE})
  void handle_registerWithAnyTimestamp_expiresAsUsual(long timestamp) {
    String item = registration("A", "a", "UP").replace("'1700000000001'", Long.toString(timestamp));

    assertThat(send(item + ",{'appName':'A','id':'a','action':'Heartbeat'}"))
        .isEqualTo("{\"responseList\":[{\"statusCode\":200},{\"statusCode\":200}]}");

    clock.advanceMs(2 * DURATION_SECS * 1_000L + 1);
    assertThat(registry.expiry().expired(10)).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"application/json;charset=UTF-8", "Application/JSON; charset=\"utf-8\""})
  void handle_jsonWithParameters_isRead(String type) {
    assertThat(post("{\"replicationList\":[]}", "Content-Type", type).status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"application/xml", "text/plain", "application/json; charset=utf-16", ""})
  void handle_otherType_is415(String type) {
    assertThat(post("{\"replicationList\":[]}", "Content-Type", type).status()).isEqualTo(415);
  }

  @Test
  void handle_noType_is415() {
    assertThat(post("{\"replicationList\":[]}").status()).isEqualTo(415);
  }

  @Test
  void handle_asManyItemsAsAllowed_answersEachItem() {
    assertThat(send(cancels(1_000)).split("statusCode", -1)).hasSize(1_001);
  }

  /** A few kilobytes of gzip contain hundreds of thousands of items, all of which were built. */
  @Test
  void handle_oneItemTooMany_is413AndNothingIsApplied() {
    String body = "{\"replicationList\":[" + cancels(1_001).replace('\'', '"') + "]}";

    Response response = post(body, "Content-Type", Response.JSON);

    assertThat(response.status()).isEqualTo(413);
    assertThat(registered()).isNotNull();
  }

  private static String cancels(int count) {
    return String.join(
        ",", Collections.nCopies(count, "{'appName':'DEMO','id':'i-1','action':'Cancel'}"));
  }

  private static String registration(String app, String id, String status) {
    return "{'appName':'%s','id':'%s','action':'Register','instanceInfo':{'instanceId':'%s',"
            .formatted(app, id, id)
        + "'app':'%s','hostName':'h','ipAddr':'1','status':'%s','lastDirtyTimestamp':"
            .formatted(app, status)
        + "'1700000000001',"
        + DATA_CENTER
        + "}}";
  }

  private @Nullable InstanceInfo registered() {
    return registry.findStored(KEY);
  }

  /** Sends items, given with single quotes for readability, and returns the response body. */
  private String send(String items) {
    Response response = post(batch(items), "Content-Type", Response.JSON);
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.contentType()).isEqualTo(Response.JSON);
    return Requests.body(response);
  }

  /** Sends a body; every response has the run id, by which the sender recognizes the node. */
  private Response post(String body, String... headers) {
    Response response =
        endpoint.handle(Requests.post(body.getBytes(StandardCharsets.UTF_8), headers));
    assertThat(response.headers()).containsExactly(entry("Systole-Node", RUN_ID));
    return response;
  }
}
