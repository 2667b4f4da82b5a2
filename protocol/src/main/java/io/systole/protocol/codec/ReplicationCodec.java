// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.model.ReplicationItem;
import io.systole.protocol.model.ReplicationItem.Action;
import io.systole.protocol.model.ReplicationItemResponse;
import io.systole.protocol.model.StringInterner;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** A codec of replication batches and their responses in JSON (spec §5.1). Thread-safe. */
public final class ReplicationCodec {
  /*
   * A peer sends up to 250 items in one body and gets no result for any of them if the body is
   * refused. Errors are therefore limited to their item: unknown members are skipped, and an
   * instance that is malformed is left out. Only a body that is not JSON is refused as a whole.
   */
  private static final int TYPICAL_RESULT_BYTES = 24;

  private static final int TYPICAL_ITEM_BYTES = 160;

  /** Levels of nesting around an item: the document and the list. */
  private static final int DEPTH_OF_ITEMS = 2;

  private static final byte[] RESPONSES_START = ascii("{\"responseList\":[");
  private static final byte[] RESPONSES_END = ascii("]}");
  private static final byte[] ENTITY_NAME = ascii(",\"responseEntity\":");
  private static final byte[] STATUS_200 = statusMember(200);
  private static final byte[] STATUS_404 = statusMember(404);

  private final JsonFactory factory = JsonCodec.newFactory(DocumentLimits.DEPTH_MAX);
  private final JsonFactory itemFactory =
      JsonCodec.newFactory(DocumentLimits.DEPTH_MAX - DEPTH_OF_ITEMS);
  private final StringInterner interner = new StringInterner();

  /**
   * Reads a batch. Heartbeats in the form that peers write are not decoded, only located.
   *
   * @param nowMs epoch ms, the default of absent timestamps of instances
   * @return the items in order; null if there is no list
   * @throws MalformedDocumentException if the bytes are not a JSON object, or its list is not a
   *     list of objects or has more than {@link DocumentLimits#BATCH_ITEMS_MAX} items; reading
   *     stops there
   */
  public @Nullable List<BatchItem> decodeBatch(byte[] bytes, int from, int length, long nowMs)
      throws MalformedDocumentException {
    Objects.checkFromIndexSize(from, length, bytes.length);
    List<BatchItem> scanned = scanBatch(bytes, from, length, nowMs);
    if (scanned != null) {
      return scanned;
    }
    List<ReplicationItem> items = decodeItems(bytes, from, length, nowMs);
    return items == null
        ? null
        : items.stream().<BatchItem>map(BatchItem.Decoded::new).toList();
  }

  /** Reads a batch without white space around its items; returns null for any other document. */
  private @Nullable List<BatchItem> scanBatch(byte[] bytes, int from, int length, long nowMs) {
    BatchScanner scanner = new BatchScanner(bytes, from, from + length);
    if (!scanner.skip(BatchScanner.LIST_START)) {
      return null;
    }
    List<BatchItem> items = new ArrayList<>();
    do {
      BatchItem item = scanner.heartbeat();
      if (item == null) {
        item = decodeNext(scanner, bytes, nowMs);
      }
      if (item == null || items.size() == DocumentLimits.BATCH_ITEMS_MAX) {
        return null;
      }
      items.add(item);
    } while (scanner.skip(','));
    return scanner.skip(BatchScanner.LIST_END) && scanner.remaining() == 0 ? items : null;
  }

  /** Decodes the item at the scanner's position, and moves past it; returns null at an error. */
  private BatchItem.@Nullable Decoded decodeNext(BatchScanner scanner, byte[] bytes, long nowMs) {
    int from = scanner.position();
    // Jackson would take a zero after the brace for UTF-16.
    if (scanner.remaining() < 2 || bytes[from] != '{' || bytes[from + 1] == 0) {
      return null;
    }
    try (JsonParser parser =
        itemFactory.createParser(ObjectReadContext.empty(), bytes, from, scanner.remaining())) {
      parser.nextToken();
      ReplicationItem item = new ItemReader(parser, nowMs).read();
      scanner.moveTo(from + (int) parser.currentLocation().getByteOffset());
      return new BatchItem.Decoded(item);
    } catch (MalformedDocumentException | JacksonException malformed) {
      return null;
    }
  }

  /**
   * Decodes every item of a batch in any form; {@link #decodeBatch} has the same result.
   *
   * @return the items in order; null if there is no list
   */
  @Nullable
  List<ReplicationItem> decodeItems(byte[] bytes, int from, int length, long nowMs)
      throws MalformedDocumentException {
    Objects.checkFromIndexSize(from, length, bytes.length);
    try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), bytes, from, length)) {
      require(parser.nextToken() == JsonToken.START_OBJECT, "an object", parser);
      List<ReplicationItem> items = null;
      JsonDocumentReader reader = new JsonDocumentReader(parser, nowMs, interner);
      for (String name = reader.nextMember(); name != null; name = reader.nextMember()) {
        if (name.equals("replicationList")) {
          items = items(parser, nowMs);
        } else {
          parser.skipChildren();
        }
      }
      require(parser.nextToken() == null, "nothing after the document", parser);
      return items;
    } catch (JacksonException e) {
      throw JsonCodec.malformed(e);
    }
  }

  private List<ReplicationItem> items(JsonParser parser, long nowMs)
      throws MalformedDocumentException {
    require(parser.currentToken() == JsonToken.START_ARRAY, "an array of items", parser);
    List<ReplicationItem> items = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      require(parser.currentToken() == JsonToken.START_OBJECT, "an item", parser);
      if (items.size() == DocumentLimits.BATCH_ITEMS_MAX) {
        throw MalformedDocumentException.tooLong(
            "batch exceeds " + DocumentLimits.BATCH_ITEMS_MAX + " items",
            parser.currentLocation().getByteOffset());
      }
      items.add(new ItemReader(parser, nowMs).read());
    }
    return items;
  }

  /** Reads one item from its opening brace to its closing one. */
  private final class ItemReader {
    private final JsonParser parser;
    private final JsonDocumentReader reader;
    private @Nullable Action action;
    private String app = "";
    private String id = "";
    private @Nullable Long dirtyMs;
    private @Nullable InstanceStatus status;
    private @Nullable InstanceStatus overriddenStatus;
    private @Nullable InstanceInfo instance;

    ItemReader(JsonParser parser, long nowMs) {
      this.parser = parser;
      this.reader = new JsonDocumentReader(parser, nowMs, interner);
    }

    ReplicationItem read() throws MalformedDocumentException {
      int depth = reader.depth();
      for (String name = reader.nextMember(); name != null; name = reader.nextMember()) {
        try {
          readMember(name);
        } catch (MalformedDocumentException ignored) {
          reader.skipToDepth(depth);
        }
      }
      return new ReplicationItem(action, app, id, dirtyMs, status, overriddenStatus, instance);
    }

    private void readMember(String name) throws MalformedDocumentException {
      switch (name) {
        case "action" -> action = Action.named(reader.text());
        case "appName" -> app = reader.text();
        case "id" -> id = reader.text();
        case "lastDirtyTimestamp" -> dirtyMs = reader.longNumber();
        case "status" -> status = InstanceStatus.named(reader.text());
        case "overriddenStatus" -> overriddenStatus = InstanceStatus.named(reader.text());
        case "instanceInfo" -> {
          if (parser.currentToken() == JsonToken.START_OBJECT) {
            instance = reader.readInstance();
          } else {
            parser.skipChildren();
          }
        }
        default -> parser.skipChildren();
      }
    }
  }

  /**
   * Writes the results in the order of the items. Entities that begin beyond
   * {@link DocumentLimits#BATCH_RESPONSE_BYTES_MAX} are left out.
   */
  public byte[] encodeResponses(List<ReplicationItemResponse> responses) {
    ByteArrayOutputStream bytes =
        new ByteArrayOutputStream(TYPICAL_RESULT_BYTES * (responses.size() + 1));
    bytes.writeBytes(RESPONSES_START);
    for (int i = 0; i < responses.size(); i++) {
      if (i > 0) {
        bytes.write(',');
      }
      writeResponse(responses.get(i), bytes);
    }
    bytes.writeBytes(RESPONSES_END);
    return bytes.toByteArray();
  }

  private void writeResponse(ReplicationItemResponse response, ByteArrayOutputStream bytes) {
    boolean hasSpace = bytes.size() < DocumentLimits.BATCH_RESPONSE_BYTES_MAX;
    bytes.writeBytes(
        switch (response.status()) {
          case 200 -> STATUS_200;
          case 404 -> STATUS_404;
          default -> statusMember(response.status());
        });
    if (hasSpace && response.entity() != null) {
      bytes.writeBytes(ENTITY_NAME);
      try (JsonGenerator json = factory.createGenerator(ObjectWriteContext.empty(), bytes)) {
        JsonDocumentWriter.writeInstance(response.entity(), Form.FULL, json);
      }
    }
    bytes.write('}');
  }

  private static byte[] statusMember(int status) {
    return ascii("{\"statusCode\":" + status);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** Writes a batch. Members that are null are left out, as stock servers reject them. */
  public byte[] encodeItems(List<ReplicationItem> items) {
    ByteArrayOutputStream bytes =
        new ByteArrayOutputStream(TYPICAL_ITEM_BYTES * (items.size() + 1));
    try (JsonGenerator json = factory.createGenerator(ObjectWriteContext.empty(), bytes)) {
      json.writeStartObject();
      json.writeArrayPropertyStart("replicationList");
      for (ReplicationItem item : items) {
        writeItem(item, json);
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    return bytes.toByteArray();
  }

  private static void writeItem(ReplicationItem item, JsonGenerator json) {
    json.writeStartObject();
    json.writeStringProperty("appName", item.app());
    json.writeStringProperty("id", item.id());
    if (item.dirtyMs() != null) {
      json.writeNumberProperty("lastDirtyTimestamp", item.dirtyMs());
    }
    if (item.overriddenStatus() != null) {
      json.writeStringProperty("overriddenStatus", item.overriddenStatus().name());
    }
    if (item.status() != null) {
      json.writeStringProperty("status", item.status().name());
    }
    if (item.instance() != null) {
      json.writeName("instanceInfo");
      JsonDocumentWriter.writeInstance(item.instance(), Form.FULL, json);
    }
    if (item.action() != null) {
      json.writeStringProperty("action", item.action().wireName());
    }
    json.writeEndObject();
  }

  /**
   * Reads the results of a batch. Unknown members are skipped; a malformed instance is left out.
   *
   * @param nowMs epoch ms, the default of absent timestamps of instances
   * @throws MalformedDocumentException if the bytes are not a JSON object with a list of results
   */
  public List<ReplicationItemResponse> decodeResponses(byte[] bytes, long nowMs)
      throws MalformedDocumentException {
    try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), bytes)) {
      require(parser.nextToken() == JsonToken.START_OBJECT, "an object", parser);
      List<ReplicationItemResponse> responses = null;
      JsonDocumentReader reader = new JsonDocumentReader(parser, nowMs, interner);
      for (String name = reader.nextMember(); name != null; name = reader.nextMember()) {
        if (name.equals("responseList")) {
          responses = responses(parser, reader);
        } else {
          parser.skipChildren();
        }
      }
      if (responses == null) {
        throw JsonDocumentReader.unexpected("the member \"responseList\"", parser);
      }
      return responses;
    } catch (JacksonException e) {
      throw JsonCodec.malformed(e);
    }
  }

  private static List<ReplicationItemResponse> responses(
      JsonParser parser, JsonDocumentReader reader) throws MalformedDocumentException {
    require(parser.currentToken() == JsonToken.START_ARRAY, "an array of results", parser);
    List<ReplicationItemResponse> responses = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      require(parser.currentToken() == JsonToken.START_OBJECT, "a result", parser);
      if (responses.size() == DocumentLimits.BATCH_ITEMS_MAX) {
        throw MalformedDocumentException.tooLong(
            "response exceeds " + DocumentLimits.BATCH_ITEMS_MAX + " results",
            parser.currentLocation().getByteOffset());
      }
      responses.add(response(parser, reader));
    }
    return responses;
  }

  private static ReplicationItemResponse response(JsonParser parser, JsonDocumentReader reader)
      throws MalformedDocumentException {
    int depth = reader.depth();
    int status = 0;
    InstanceInfo entity = null;
    for (String name = reader.nextMember(); name != null; name = reader.nextMember()) {
      if (name.equals("statusCode")) {
        status = reader.intNumber();
      } else if (name.equals("responseEntity") && parser.currentToken() == JsonToken.START_OBJECT) {
        try {
          entity = reader.readInstance();
        } catch (MalformedDocumentException malformed) {
          reader.skipToDepth(depth);
        }
      } else {
        parser.skipChildren();
      }
    }
    return new ReplicationItemResponse(status, entity);
  }

  private static void require(boolean isExpected, String expected, JsonParser parser)
      throws MalformedDocumentException {
    if (!isExpected) {
      throw JsonDocumentReader.unexpected(expected, parser);
    }
  }
}
