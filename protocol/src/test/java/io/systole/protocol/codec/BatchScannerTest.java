// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.Repetitions;
import io.systole.protocol.codec.BatchItem.Heartbeat;
import io.systole.protocol.model.InstanceStatus;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Heartbeats of batches as bytes: which are located, and that the others are decoded alike. */
class BatchScannerTest {
  private static final long SEED = 20_261_122;
  private static final int BATCHES = Repetitions.of(2_000);

  /** Values of every kind for a member that usually is a text or a number. */
  private static final String[] UNUSUAL = {
    "''",
    "null",
    "true",
    "0",
    "007",
    "-1",
    "+1",
    "1.5",
    "1e3",
    "1E400",
    "-9223372036854775808",
    "9223372036854775807",
    "9223372036854775808",
    "999999999999999999",
    "1000000000000000000",
    "'1700000000000'",
    "' 7 '",
    "'\\u0041'",
    "'a\\\\b'",
    "'a\\\"b'",
    "'a\\/b'",
    "'\u00e9'",
    "'\u4e2d'",
    "'\ud83d\ude00'",
    "'\u0001'",
    "'\u007f'",
    "'\0'",
    "{}",
    "[]",
    "{'id':'x','action':'Heartbeat'}",
    "[{'id':'x'}]",
    "'UP'",
    "'up'",
    "'Heartbeat'",
    "'heartbeat'",
    "Heartbeat",
    "' '",
    " 'x'",
    "'x' ",
    "'",
    "",
  };

  private static final String[] USUAL = {
    "'appName':'DEMO'",
    "'id':'h1:demo:8080'",
    "'lastDirtyTimestamp':1700000000000",
    "'overriddenStatus':'OUT_OF_SERVICE'",
    "'status':'UP'",
    "'action':'Heartbeat'",
  };

  private static final String[] NAMES = {
    "appName",
    "id",
    "lastDirtyTimestamp",
    "overriddenStatus",
    "status",
    "action",
    "instanceInfo",
    "novelty",
    "appname",
    "apqName",
    "\\u0069d",
    "",
  };

  private final Random random = new Random(SEED);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'appName':'DEMO','id':'i','lastDirtyTimestamp':7,'status':'UP','action':'Heartbeat'",
        "'appName':'DEMO','id':'i','lastDirtyTimestamp':7,'overriddenStatus':'DOWN','status':'UP',"
            + "'action':'Heartbeat'",
        "'action':'Heartbeat','status':'','lastDirtyTimestamp':0,'id':'i','appName':'DEMO'",
        "'appName':'DEMO','id':'i','action':'Heartbeat'",
        "'appName':'a b/c','id':'~!@#','overriddenStatus':'down','action':'Heartbeat'",
      })
  void decodeBatch_plainHeartbeat_isLocated(String members) {
    assertThat(BatchReadings.requireAlike(batch("{" + members + "}"))).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'appName':'DEMO','id':'i','action':'Cancel'",
        "'appName':'DEMO','id':'i'",
        "'appName':'DEMO','action':'Heartbeat'",
        "'id':'i','action':'Heartbeat'",
        "'appName':'','id':'i','action':'Heartbeat'",
        "'appName':'DEMO','id':'','action':'Heartbeat'",
        "'appName':'DEMO','id':'i','id':'j','action':'Heartbeat'",
        "'appName':'DEMO','id':'i','novelty':1,'action':'Heartbeat'",
        "'appName':'DEMO','id':'\\u0041','action':'Heartbeat'",
        "'appName':'DEMO','id':'\u00e9','action':'Heartbeat'",
        "'appName':'DEMO','id':'i','lastDirtyTimestamp':-1,'action':'Heartbeat'",
        "'appName':'DEMO','id':'i','lastDirtyTimestamp':1.5,'action':'Heartbeat'",
        "'appName':'DEMO','id':'i','lastDirtyTimestamp':'7','action':'Heartbeat'",
        "'appName':'DEMO','id':'i','lastDirtyTimestamp':1234567890123456789,'action':'Heartbeat'",
        "'appName':'DEMO','id': 'i','action':'Heartbeat'",
      })
  void decodeBatch_otherItem_isDecoded(String members) {
    assertThat(BatchReadings.requireAlike(batch("{" + members + "}"))).isZero();
  }

  @Test
  void decodeBatch_otherItemsBetweenHeartbeats_areDecodedAlone() {
    String heartbeat = item(USUAL);
    String register = "{'appName':'A','instanceInfo':{'app':'A','metadata':{'a':'}'}},'id':'b'}";

    byte[] body = batch(heartbeat, register, heartbeat, "{}", "{'a':[[{}]]}", heartbeat);

    assertThat(BatchReadings.requireAlike(body)).isEqualTo(3);
  }

  @Test
  void decodeBatch_heartbeat_hasItsPositionsInTheArray() throws MalformedDocumentException {
    String body = "{'replicationList':[{'appName':'demo','novelty':1},"
        + "{'appName':'demo','id':'h1:8080','lastDirtyTimestamp':7,"
        + "'overriddenStatus':'DOWN','action':'Heartbeat'}]}";
    byte[] padded = ("xx" + body + "yy").replace('\'', '"').getBytes(StandardCharsets.UTF_8);

    List<BatchItem> items =
        Objects.requireNonNull(new ReplicationCodec().decodeBatch(padded, 2, padded.length - 4, 0));

    Heartbeat heartbeat = (Heartbeat) items.get(1);
    assertThat(heartbeat.app(padded)).isEqualTo("demo");
    assertThat(heartbeat.id(padded)).isEqualTo("h1:8080");
    assertThat(heartbeat.dirtyMs()).isEqualTo(7);
    assertThat(heartbeat.overriddenStatus()).isEqualTo(InstanceStatus.DOWN);
  }

  /** The item alone has two levels less than it has in the document. */
  @ParameterizedTest
  @ValueSource(ints = {60, 61, 62, 63, 64, 65})
  void decodeBatch_nestedNearTheLimit_isReadAlike(int levels) {
    String nested = "{'a':" + "[".repeat(levels - 3) + "]".repeat(levels - 3) + "}";

    assertThat(BatchReadings.requireAlike(batch(item(USUAL), nested))).isLessThan(2);
  }

  /** A zero after the brace would make the item alone look like UTF-16. */
  @Test
  void decodeBatch_itemInUtf16_isReadAlike() {
    String item = "{\0'\0a\0'\0:\0001\0}\0";

    assertThat(BatchReadings.requireAlike(batch(item))).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {DocumentLimits.TEXT_CHARS_MAX, DocumentLimits.TEXT_CHARS_MAX + 1})
  void decodeBatch_textNearTheLimit_isReadAlike(int chars) {
    String heartbeat = "{'appName':'A','id':'" + "i".repeat(chars) + "','action':'Heartbeat'}";

    assertThat(BatchReadings.requireAlike(batch(heartbeat)))
        .isEqualTo(chars == DocumentLimits.TEXT_CHARS_MAX ? 1 : 0);
  }

  @ParameterizedTest
  @ValueSource(ints = {DocumentLimits.BATCH_ITEMS_MAX, DocumentLimits.BATCH_ITEMS_MAX + 1})
  void decodeBatch_itemsNearTheLimit_isReadAlike(int count) {
    String[] items = Collections.nCopies(count, item(USUAL)).toArray(String[]::new);

    assertThat(BatchReadings.requireAlike(batch(items)))
        .isEqualTo(count == DocumentLimits.BATCH_ITEMS_MAX ? count : 0);
  }

  @Test
  void decodeBatch_truncatedAnywhere_isReadAlike() {
    String body = new String(batch(item(USUAL), item(USUAL)), StandardCharsets.UTF_8);

    for (int length = 0; length < body.length(); length++) {
      BatchReadings.requireAlike(body.substring(0, length).getBytes(StandardCharsets.UTF_8));
    }
    assertThat(BatchReadings.requireAlike(body.getBytes(StandardCharsets.UTF_8)))
        .isEqualTo(2);
  }

  @Test
  @Tag("randomized")
  void decodeBatch_generatedAndMutated_isReadAlike() {
    int located = 0;

    for (int count = 0; count < BATCHES; count++) {
      byte[] body = batch(item(members()), item(members()), item(members()));
      located += BatchReadings.requireAlike(body);
      located += BatchReadings.requireAlike(HostileBytes.mutant(body, random));
    }

    System.out.println("batches: " + 2 * BATCHES + ", heartbeats located: " + located);
    assertThat(located).as("seed %d", SEED).isBetween(BATCHES, 6 * BATCHES - 1);
  }

  /** Returns the members of a heartbeat, most often with few changes. */
  private String[] members() {
    List<String> members = new ArrayList<>(List.of(USUAL));
    if (random.nextInt(4) == 0) {
      Collections.shuffle(members, random);
    }
    while (random.nextInt(3) == 0) {
      int at = random.nextInt(members.size());
      switch (random.nextInt(3)) {
        case 0 -> members.remove(at);
        case 1 -> members.set(at, unusualMember());
        default -> members.add(at, unusualMember());
      }
      if (members.isEmpty()) {
        members.add(unusualMember());
      }
    }
    return members.toArray(String[]::new);
  }

  private String unusualMember() {
    return "'" + NAMES[random.nextInt(NAMES.length)] + "':"
        + UNUSUAL[random.nextInt(UNUSUAL.length)];
  }

  private static String item(String... members) {
    return "{" + String.join(",", members) + "}";
  }

  private static byte[] batch(String... items) {
    return ("{'replicationList':[" + String.join(",", items) + "]}")
        .replace('\'', '"')
        .getBytes(StandardCharsets.UTF_8);
  }
}
