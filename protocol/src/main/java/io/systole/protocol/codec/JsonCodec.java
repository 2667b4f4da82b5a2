// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import io.systole.protocol.model.InstanceInfo;
import java.io.ByteArrayOutputStream;
import java.util.Objects;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.JsonRecyclerPools;

/** Documents in JSON (spec §6.1 to §6.3), by Jackson's streaming API. */
public final class JsonCodec implements Codec {
  private static final int RECYCLED_BUFFERS_MAX = 64;
  private static final int USUAL_BYTES = 1024;
  private static final String ROOT = "instance";

  private final JsonFactory factory = JsonFactory.builder()
      .streamReadConstraints(StreamReadConstraints.builder()
          .maxNestingDepth(DocumentLimits.DEPTH_MAX)
          .maxStringLength(DocumentLimits.TEXT_CHARS_MAX)
          .maxNameLength(DocumentLimits.NAME_CHARS_MAX)
          .maxNumberLength(DocumentLimits.NUMBER_CHARS_MAX)
          .build())
      .recyclerPool(JsonRecyclerPools.newBoundedPool(RECYCLED_BUFFERS_MAX))
      .build();

  @Override
  public InstanceInfo decodeInstance(byte[] bytes, int from, int length, long nowMs)
      throws MalformedDocument {
    Objects.checkFromIndexSize(from, length, bytes.length);
    if (length > DocumentLimits.INSTANCE_BYTES_MAX) {
      throw new MalformedDocument(
          "instance of " + length + " bytes exceeds " + DocumentLimits.INSTANCE_BYTES_MAX, 0);
    }
    try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), bytes, from, length)) {
      expect(parser.nextToken() == JsonToken.START_OBJECT, "an object", parser);
      expect(ROOT.equals(parser.nextName()), "the member \"" + ROOT + "\"", parser);
      expect(parser.nextToken() == JsonToken.START_OBJECT, "an instance", parser);
      InstanceInfo instance = new InstanceFromJson(parser, nowMs).read();
      expect(parser.nextToken() == JsonToken.END_OBJECT, "no second root member", parser);
      expect(parser.nextToken() == null, "nothing after the document", parser);
      return instance;
    } catch (JacksonException e) {
      throw refusal(e);
    }
  }

  @Override
  public byte[] encodeInstance(InstanceInfo instance, Form form) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(USUAL_BYTES);
    try (JsonGenerator json = factory.createGenerator(ObjectWriteContext.empty(), bytes)) {
      json.writeStartObject();
      json.writeName(ROOT);
      InstanceToJson.write(instance, form, json);
      json.writeEndObject();
    }
    return bytes.toByteArray();
  }

  private static void expect(boolean isSo, String expected, JsonParser parser)
      throws MalformedDocument {
    if (!isSo) {
      throw InstanceFromJson.unexpected(expected, parser);
    }
  }

  private static MalformedDocument refusal(JacksonException cause) {
    TokenStreamLocation where = cause.getLocation();
    return new MalformedDocument(
        cause.getOriginalMessage(), where == null ? 0 : Math.max(0, where.getByteOffset()));
  }
}
