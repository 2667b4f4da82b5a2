// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import io.systole.protocol.model.Application;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.StatusInfo;
import java.io.ByteArrayOutputStream;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
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

  private final SharedText shared = new SharedText();

  private final JsonFactory factory = newFactory();

  /** A factory whose parsers keep to the bounds of {@link DocumentLimits}. */
  static JsonFactory newFactory() {
    return JsonFactory.builder()
        .streamReadConstraints(StreamReadConstraints.builder()
            .maxNestingDepth(DocumentLimits.DEPTH_MAX)
            .maxStringLength(DocumentLimits.TEXT_CHARS_MAX)
            .maxNameLength(DocumentLimits.NAME_CHARS_MAX)
            .maxNumberLength(DocumentLimits.NUMBER_CHARS_MAX)
            .build())
        .recyclerPool(JsonRecyclerPools.newBoundedPool(RECYCLED_BUFFERS_MAX))
        .build();
  }

  @Override
  public InstanceInfo decodeInstance(byte[] bytes, int from, int length, long nowMs)
      throws MalformedDocument {
    DocumentLimits.checkLength(length, DocumentLimits.INSTANCE_BYTES_MAX);
    return decode(
        "instance", bytes, from, length, in -> new InstanceFromJson(in, nowMs, shared).read());
  }

  @Override
  public Application decodeApplication(byte[] bytes, int from, int length, long nowMs)
      throws MalformedDocument {
    DocumentLimits.checkLength(length, DocumentLimits.REGISTRY_BYTES_MAX);
    return decode(
        "application",
        bytes,
        from,
        length,
        in -> new ApplicationsFromJson(in, nowMs, shared).readOne());
  }

  @Override
  public Applications decodeApplications(byte[] bytes, int from, int length, long nowMs)
      throws MalformedDocument {
    DocumentLimits.checkLength(length, DocumentLimits.REGISTRY_BYTES_MAX);
    return decode(
        "applications",
        bytes,
        from,
        length,
        in -> new ApplicationsFromJson(in, nowMs, shared).readAll());
  }

  @Override
  public byte[] encodeInstance(InstanceInfo instance, Form form) {
    return encode("instance", json -> InstanceToJson.write(instance, form, json));
  }

  @Override
  public byte[] encodeApplication(Application application, Form form) {
    return encode("application", json -> ApplicationsToJson.writeOne(application, form, json));
  }

  @Override
  public byte[] encodeApplications(Applications applications, Form form) {
    return encode("applications", json -> ApplicationsToJson.writeAll(applications, form, json));
  }

  @Override
  public byte[] encodeStatus(StatusInfo status) {
    return encode(StatusMembers.ROOT, json -> {
      json.writeStartObject();
      writeStats(StatusMembers.GENERAL, StatusMembers.general(status), json);
      writeStats(StatusMembers.APPLICATION, StatusMembers.application(status), json);
      json.writeName(StatusMembers.INSTANCE);
      InstanceToJson.write(status.instance(), Form.FULL, json);
      json.writeEndObject();
    });
  }

  private static void writeStats(String name, Map<String, String> stats, JsonGenerator json) {
    json.writeObjectPropertyStart(name);
    stats.forEach(json::writeStringProperty);
    json.writeEndObject();
  }

  /** Reads what stands inside the wrapper, from its opening brace to its closing one. */
  private interface Body<T> {
    T read(JsonParser parser) throws MalformedDocument;
  }

  private <T> T decode(String root, byte[] bytes, int from, int length, Body<T> body)
      throws MalformedDocument {
    Objects.checkFromIndexSize(from, length, bytes.length);
    try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), bytes, from, length)) {
      expect(parser.nextToken() == JsonToken.START_OBJECT, "an object", parser);
      expect(root.equals(parser.nextName()), "the member \"" + root + "\"", parser);
      expect(parser.nextToken() == JsonToken.START_OBJECT, "an object in the root", parser);
      T value = body.read(parser);
      expect(parser.nextToken() == JsonToken.END_OBJECT, "no second root member", parser);
      expect(parser.nextToken() == null, "nothing after the document", parser);
      return value;
    } catch (JacksonException e) {
      throw refusal(e);
    }
  }

  private byte[] encode(String root, Consumer<JsonGenerator> body) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(USUAL_BYTES);
    try (JsonGenerator json = factory.createGenerator(ObjectWriteContext.empty(), bytes)) {
      json.writeStartObject();
      json.writeName(root);
      body.accept(json);
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

  static MalformedDocument refusal(JacksonException cause) {
    TokenStreamLocation where = cause.getLocation();
    return new MalformedDocument(
        cause.getOriginalMessage(), where == null ? 0 : Math.max(0, where.getByteOffset()));
  }
}
