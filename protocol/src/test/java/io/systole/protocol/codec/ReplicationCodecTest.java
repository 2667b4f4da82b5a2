// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.protocol.Repetitions;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.model.ReplicationItem;
import io.systole.protocol.model.ReplicationItem.Action;
import io.systole.protocol.model.ReplicationItemResponse;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Batches with malformed items, malformed batches, and responses (spec §5.1). */
class ReplicationCodecTest {
  private static final long SEED = 20_261_122;
  private static final int MUTATIONS = Repetitions.of(2_000);
  private static final long NOW_MS = 1_800_000_000_000L;

  private static final String BEFORE =
      "{'appName':'DEMO','id':'first','lastDirtyTimestamp':7,'status':'UP','action':'Heartbeat'}";
  private static final String AFTER = "{'appName':'DEMO','id':'last','action':'Cancel'}";
  private static final ReplicationItem FIRST =
      new ReplicationItem(Action.HEARTBEAT, "DEMO", "first", 7L, InstanceStatus.UP, null, null);
  private static final ReplicationItem LAST =
      new ReplicationItem(Action.CANCEL, "DEMO", "last", null, null, null, null);

  private final ReplicationCodec codec = new ReplicationCodec();

  /** The lower 32 bits of the first are those of 200. */
  @ParameterizedTest
  @ValueSource(longs = {4_294_967_496L, -4_294_967_096L, Long.MAX_VALUE})
  void decodeResponses_statusExceeds32Bits_isRefused(long status) {
    String response = "{\"responseList\":[{\"statusCode\":" + status + "}]}";

    assertThatThrownBy(() -> codec.decodeResponses(response.getBytes(StandardCharsets.UTF_8), 0))
        .isInstanceOf(MalformedDocumentException.class)
        .hasMessageContaining("32-bit");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1",
        "-1.5e3",
        "'text'",
        "true",
        "null",
        "{}",
        "{'a':{'b':[1,{}]}}",
        "[]",
        "[[{}],2]"
      })
  void decodeItems_unknownMembersOfAnyShape_areSkipped(String value)
      throws MalformedDocumentException {
    String item = "{'foo':%s,'appName':'DEMO','bar':%s,'id':'i','action':'Cancel','baz':%s}"
        .formatted(value, value, value);

    List<ReplicationItem> items =
        decode("{'before':%s,'replicationList':[%s],'after':%s}".formatted(value, item, value));

    assertThat(items)
        .containsExactly(new ReplicationItem(Action.CANCEL, "DEMO", "i", null, null, null, null));
  }

  @ParameterizedTest
  @ValueSource(strings = {"'Foo'", "'heartbeat'", "''", "5", "true", "null", "{}", "[1]"})
  void decodeItems_unknownAction_isNullInThatItemOnly(String action)
      throws MalformedDocumentException {
    String item = "{'appName':'DEMO','action':%s,'id':'i'}".formatted(action);

    List<ReplicationItem> items = decode(batch(BEFORE, item, AFTER));

    assertThat(items)
        .containsExactly(
            FIRST, new ReplicationItem(null, "DEMO", "i", null, null, null, null), LAST);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[]",
        "[{'app':'DEMO'}]",
        "'text'",
        "5",
        "{'instance':{'app':'DEMO'}}",
        "{'hostName':'h'}",
        "{'app':{}}",
        "{'app':[{'a':[1]}],'hostName':'h'}",
        "{'app':'DEMO','port':'many','hostName':'h'}",
        "{'app':'DEMO','port':{'$':{'a':[]},'@enabled':true},'hostName':'h'}",
        "{'app':'DEMO','dataCenterInfo':{'@class':'x','name':'MyOwn'},'hostName':'h'}",
        "{'app':'DEMO','dataCenterInfo':[{}],'hostName':'h'}",
        "{'app':'DEMO','metadata':{'a':{'b':'c'}},'hostName':'h'}",
        "{'app':'DEMO','leaseInfo':{'durationInSecs':3000000000},'hostName':'h'}",
      })
  void decodeItems_unreadableInstance_isNullInThatItemOnly(String instance)
      throws MalformedDocumentException {
    String item =
        "{'appName':'DEMO','instanceInfo':%s,'id':'i','lastDirtyTimestamp':3,'action':'Register'}"
            .formatted(instance);

    List<ReplicationItem> items = decode(batch(BEFORE, item, AFTER));

    assertThat(items)
        .containsExactly(
            FIRST, new ReplicationItem(Action.REGISTER, "DEMO", "i", 3L, null, null, null), LAST);
  }

  /** Jackson's error for such a number must not fail the whole body. */
  @ParameterizedTest
  @ValueSource(strings = {"99999999999999999999", "-99999999999999999999", "1e400", "'1e3'", "{}"})
  void decodeItems_numberBeyond64Bits_affectsThatItemOnly(String number)
      throws MalformedDocumentException {
    String stamped =
        "{'appName':'DEMO','lastDirtyTimestamp':%s,'id':'i','action':'Cancel'}".formatted(number);
    String registered =
        "{'appName':'DEMO','instanceInfo':{'app':'DEMO','lastDirtyTimestamp':%s},'id':'i'}"
            .formatted(number);

    List<ReplicationItem> items = decode(batch(BEFORE, stamped, registered, AFTER));

    assertThat(items)
        .containsExactly(
            FIRST,
            new ReplicationItem(Action.CANCEL, "DEMO", "i", null, null, null, null),
            new ReplicationItem(null, "DEMO", "i", null, null, null, null),
            LAST);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1700000000000", "'1700000000000'", "' 1700000000000 '"})
  void decodeItems_timestampAsNumberOrText_isThatNumber(String stamp)
      throws MalformedDocumentException {
    List<ReplicationItem> items =
        decode(batch("{'appName':'DEMO','id':'i','lastDirtyTimestamp':%s}".formatted(stamp)));

    assertThat(items).extracting(ReplicationItem::dirtyMs).containsExactly(1_700_000_000_000L);
  }

  @Test
  void decodeItems_membersInAnyOrder_areTheSameItem() throws MalformedDocumentException {
    String instance = "'instanceInfo':{'hostName':'h','app':'demo'}";
    ReplicationItem expected = new ReplicationItem(
        Action.REGISTER,
        "DEMO",
        "i",
        null,
        null,
        null,
        InstanceInfo.builder()
            .dataCenterInfo(null)
            .app("DEMO")
            .hostName("h")
            .lastUpdatedMs(NOW_MS)
            .lastDirtyMs(NOW_MS)
            .build());

    List<ReplicationItem> items = decode(batch(
        "{'action':'Register','id':'i','appName':'DEMO',%s}".formatted(instance),
        "{%s,'appName':'DEMO','id':'i','action':'Register'}".formatted(instance)));

    assertThat(items).containsExactly(expected, expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{'replicationList':null}", "{'other':[]}"})
  void decodeItems_noList_isNull(String body) throws MalformedDocumentException {
    assertThat(decode(body)).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "null",
        "[]",
        "5",
        "{",
        "{}}",
        "{} {}",
        "{'replicationList':{}}",
        "{'replicationList':'text'}",
        "{'replicationList':[null]}",
        "{'replicationList':[[]]}",
        "{'replicationList':[5]}",
      })
  void decodeItems_noBatch_isRefused(String body) {
    assertThatThrownBy(() -> decode(body)).isInstanceOf(MalformedDocumentException.class);
  }

  @Test
  void decodeItems_partOfAnArray_readsThatPartOnly() throws MalformedDocumentException {
    byte[] padded = "xx{\"replicationList\":[]}yy".getBytes(StandardCharsets.UTF_8);

    assertThat(codec.decodeItems(padded, 2, padded.length - 4, NOW_MS)).isEmpty();
  }

  @Test
  void decodeItems_truncatedAnywhere_isRefused() {
    byte[] body = Capture.of("peer-batch-register-and-heartbeat").request().body();

    for (int length = 0; length < body.length; length++) {
      int cut = length;
      assertThatThrownBy(() -> codec.decodeItems(body, 0, cut, NOW_MS))
          .as("first %d bytes", cut)
          .isInstanceOf(MalformedDocumentException.class);
    }
  }

  @Test
  @Tag("randomized")
  void decodeItems_mutated_isRefusedOrRoundTrips() {
    byte[] body = Capture.of("peer-batch-register-and-heartbeat").request().body();
    Random random = new Random(SEED);
    int refused = 0;

    for (int count = 0; count < MUTATIONS; count++) {
      byte[] mutant = HostileBytes.mutant(body, random);
      refused += HostileBytes.isBatchRefused(mutant) ? 1 : 0;
    }

    System.out.println("mutated batches: " + MUTATIONS + ", refused: " + refused);
    assertThat(refused).as("refused of %d, seed %d", MUTATIONS, SEED).isBetween(1, MUTATIONS - 1);
  }

  @Test
  void encodeResponses_withAndWithoutEntity_haveTheMembersOfTheProtocol()
      throws MalformedDocumentException {
    InstanceInfo entity = new RandomInstances(SEED).instance();
    String bare = new String(
            new JsonCodec().encodeInstance(entity, Form.FULL), StandardCharsets.UTF_8)
        .replaceFirst("^\\{\"instance\":", "")
        .replaceFirst("}$", "");

    byte[] encoded = codec.encodeResponses(List.of(
        ReplicationItemResponse.of(200),
        new ReplicationItemResponse(409, entity),
        ReplicationItemResponse.of(404)));

    assertThat(new String(encoded, StandardCharsets.UTF_8))
        .isEqualTo("{\"responseList\":[{\"statusCode\":200},{\"statusCode\":409,\"responseEntity\":"
            + bare
            + "},{\"statusCode\":404}]}");
  }

  @Test
  void decodeItems_asManyAsAllowed_areRead() throws MalformedDocumentException {
    assertThat(decode(batch(items(DocumentLimits.BATCH_ITEMS_MAX))))
        .hasSize(DocumentLimits.BATCH_ITEMS_MAX);
  }

  @Test
  void decodeItems_oneTooMany_stopsReading() {
    String body = batch(items(DocumentLimits.BATCH_ITEMS_MAX)).replace("]}", ",{ this is no JSON");

    assertThatThrownBy(() -> decode(body))
        .isInstanceOfSatisfying(
            MalformedDocumentException.class,
            refusal -> assertThat(refusal.isTooLong()).isTrue());
  }

  private static String[] items(int count) {
    return Collections.nCopies(count, "{}").toArray(String[]::new);
  }

  /** A batch of outdated heartbeats must not have a large instance encoded for each. */
  @Test
  void encodeResponses_largeEntities_areLeftOutBeyondTheLimit() {
    List<ReplicationItemResponse> conflicts = IntStream.range(0, DocumentLimits.BATCH_ITEMS_MAX)
        .mapToObj(i -> new ReplicationItemResponse(409, large("i-" + i)))
        .toList();

    String encoded = new String(codec.encodeResponses(conflicts), StandardCharsets.UTF_8);

    assertThat(encoded.length()).isLessThan(DocumentLimits.BATCH_RESPONSE_BYTES_MAX + 100_000);
    assertThat(encoded).contains("i-0").contains("i-1").doesNotContain("i-9");
    assertThat(encoded.split("\"statusCode\":409", -1)).hasSize(DocumentLimits.BATCH_ITEMS_MAX + 1);
    assertThat(encoded).endsWith(",{\"statusCode\":409}]}");
  }

  private static InstanceInfo large(String id) {
    return new RandomInstances(SEED)
        .instance().toBuilder()
            .app("DEMO")
            .instanceId(id)
            .metadata(Map.of("k", "x".repeat(60_000)))
            .build();
  }

  @Test
  void encodeResponses_none_isAnEmptyList() {
    byte[] encoded = codec.encodeResponses(List.of());

    assertThat(new String(encoded, StandardCharsets.UTF_8)).isEqualTo("{\"responseList\":[]}");
  }

  private @Nullable List<ReplicationItem> decode(String body) throws MalformedDocumentException {
    byte[] bytes = body.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    return codec.decodeItems(bytes, 0, bytes.length, NOW_MS);
  }

  private static String batch(String... items) {
    return "{'replicationList':[" + String.join(",", items) + "]}";
  }
}
