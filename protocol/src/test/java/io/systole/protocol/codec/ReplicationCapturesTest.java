// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.model.ReplicationItem;
import io.systole.protocol.model.ReplicationItem.Action;
import io.systole.protocol.model.ReplicationItemResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Decodes recorded batches, and encodes recorded results byte for byte. */
class ReplicationCapturesTest {
  private static final long NOW_MS = 1_800_000_000_000L;

  /** The recording does not contain the bytes of this body. */
  private static final String NOT_RECORDED = "batch-gzip";

  /** Instances inside a wrapper, which are read as instances without application. */
  private static final Set<String> UNREADABLE_INSTANCE = Set.of("batch-extra-wrapped-instance");

  private final ReplicationCodec codec = new ReplicationCodec();
  private final ObjectMapper trees = new ObjectMapper();

  @Test
  void decodeItems_recordedBatches_areReadMemberByMember() throws MalformedDocumentException {
    Map<String, Object> expected = new TreeMap<>();
    Map<String, Object> actual = new TreeMap<>();

    for (Capture capture : batches()) {
      byte[] body = capture.request().body();
      expected.put(capture.name(), String.valueOf(recordedItems(capture)));
      actual.put(capture.name(), String.valueOf(codec.decodeItems(body, 0, body.length, NOW_MS)));
    }

    System.out.println("batches compared: " + actual.size());
    assertThat(actual).hasSizeGreaterThan(30).containsExactlyEntriesOf(expected);
    assertThat(actual).containsEntry("batch-nolist", "null").containsEntry("batch-empty", "[]");
  }

  @Test
  void encodeResponses_recordedResponses_areTheRecordedBytes() throws MalformedDocumentException {
    Map<String, String> expected = new TreeMap<>();
    Map<String, String> actual = new TreeMap<>();

    for (Capture capture : Capture.all()) {
      String recorded = capture.response().bodyText();
      if (recorded.startsWith("{\"responseList\"")) {
        byte[] encoded = codec.encodeResponses(recordedResponses(recorded));
        expected.put(capture.name(), recorded);
        actual.put(capture.name(), new String(encoded, StandardCharsets.UTF_8));
      }
    }

    System.out.println("responses compared: " + actual.size());
    assertThat(actual).hasSizeGreaterThan(20).containsExactlyEntriesOf(expected);
  }

  private static List<Capture> batches() {
    return Capture.all().stream()
        .filter(capture -> capture.request().firstLine().contains("/peerreplication/batch"))
        .filter(capture -> !capture.name().equals(NOT_RECORDED))
        .toList();
  }

  /** Reads the items by a tree parser, which shares no code with ours. */
  private @Nullable List<ReplicationItem> recordedItems(Capture capture)
      throws MalformedDocumentException {
    JsonNode list = trees.readTree(capture.request().bodyText()).get("replicationList");
    if (list == null) {
      return null;
    }
    List<ReplicationItem> items = new ArrayList<>();
    for (JsonNode item : list) {
      boolean isReadable =
          item.hasNonNull("instanceInfo") && !UNREADABLE_INSTANCE.contains(capture.name());
      items.add(new ReplicationItem(
          actionOf(item),
          item.path("appName").asString(),
          item.path("id").asString(),
          item.has("lastDirtyTimestamp") ? item.get("lastDirtyTimestamp").asLong() : null,
          item.has("status") ? InstanceStatus.valueOf(item.get("status").asString()) : null,
          item.has("overriddenStatus")
              ? InstanceStatus.valueOf(item.get("overriddenStatus").asString())
              : null,
          isReadable ? instance(item.get("instanceInfo")) : null));
    }
    return items;
  }

  private static @Nullable Action actionOf(JsonNode item) {
    return switch (item.path("action").asString("")) {
      case "Heartbeat" -> Action.HEARTBEAT;
      case "Register" -> Action.REGISTER;
      case "Cancel" -> Action.CANCEL;
      case "StatusUpdate" -> Action.STATUS_UPDATE;
      case "DeleteStatusOverride" -> Action.DELETE_STATUS_OVERRIDE;
      default -> null;
    };
  }

  private List<ReplicationItemResponse> recordedResponses(String body)
      throws MalformedDocumentException {
    List<ReplicationItemResponse> responses = new ArrayList<>();
    for (JsonNode response : trees.readTree(body).get("responseList")) {
      JsonNode entity = response.get("responseEntity");
      responses.add(new ReplicationItemResponse(
          response.get("statusCode").asInt(), entity == null ? null : instance(entity)));
    }
    return responses;
  }

  private static InstanceInfo instance(JsonNode bare) throws MalformedDocumentException {
    byte[] wrapped = ("{\"instance\":" + bare + "}").getBytes(StandardCharsets.UTF_8);
    return new JsonCodec().decodeInstance(wrapped, 0, wrapped.length, NOW_MS);
  }
}
