// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import io.systole.protocol.model.Application;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.model.StatusInfo;
import io.systole.protocol.model.StringInterner;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
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
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.JsonRecyclerPools;

/** A codec of JSON documents (spec §6.1 to §6.3). Thread-safe. */
public final class JsonCodec implements Codec {
  private static final int RECYCLED_BUFFERS_MAX = 64;
  private static final int TYPICAL_BYTES = 1024;
  private static final int TYPICAL_PART_BYTES = 128;
  private static final String APPLICATION = "application";
  private static final String APPLICATIONS = "applications";

  private final StringInterner interner = new StringInterner();

  private final JsonFactory factory = newFactory(DocumentLimits.DEPTH_MAX);

  /**
   * Returns a factory whose parsers enforce {@link DocumentLimits}.
   *
   * @param depthMax levels of nesting, at most {@link DocumentLimits#DEPTH_MAX}
   */
  static JsonFactory newFactory(int depthMax) {
    return JsonFactory.builder()
        .streamReadConstraints(StreamReadConstraints.builder()
            .maxDocumentLength(DocumentLimits.REGISTRY_BYTES_MAX)
            .maxNestingDepth(depthMax)
            .maxStringLength(DocumentLimits.TEXT_CHARS_MAX)
            .maxNameLength(DocumentLimits.NAME_CHARS_MAX)
            .maxNumberLength(DocumentLimits.NUMBER_CHARS_MAX)
            .build())
        .recyclerPool(JsonRecyclerPools.newBoundedPool(RECYCLED_BUFFERS_MAX))
        .build();
  }

  @Override
  public InstanceInfo decodeInstance(byte[] bytes, int from, int length, long nowMs)
      throws MalformedDocumentException {
    DocumentLimits.checkLength(length, DocumentLimits.INSTANCE_BYTES_MAX);
    return decode(
        "instance",
        bytes,
        from,
        length,
        in -> new JsonDocumentReader(in, nowMs, interner).readInstance());
  }

  @Override
  public Application decodeApplication(byte[] bytes, int from, int length, long nowMs)
      throws MalformedDocumentException {
    DocumentLimits.checkLength(length, DocumentLimits.REGISTRY_BYTES_MAX);
    return decode(
        APPLICATION,
        bytes,
        from,
        length,
        in -> new JsonDocumentReader(in, nowMs, interner).readApplication());
  }

  @Override
  public Applications decodeApplications(byte[] bytes, int from, int length, long nowMs)
      throws MalformedDocumentException {
    DocumentLimits.checkLength(length, DocumentLimits.REGISTRY_BYTES_MAX);
    return decode(
        APPLICATIONS,
        bytes,
        from,
        length,
        in -> new JsonDocumentReader(in, nowMs, interner).readApplications());
  }

  /**
   * Reads the instances of a registry from a stream, one at a time. A malformed instance is left
   * out.
   *
   * @param in the registry inside its wrapper; not closed
   * @param nowMs epoch ms, the default of absent timestamps
   * @return the number of malformed instances
   * @throws MalformedDocumentException if the stream is not such a document, for example because it
   *     ends early; the instances before that point have been passed on
   * @throws java.io.UncheckedIOException if the stream fails
   */
  public int decodeInstances(InputStream in, long nowMs, Consumer<InstanceInfo> onInstance)
      throws MalformedDocumentException {
    try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), in)) {
      return decode(
          APPLICATIONS,
          parser,
          opened -> new JsonDocumentReader(opened, nowMs, interner).readInstances(onInstance));
    } catch (JacksonIOException e) {
      throw new UncheckedIOException(e.getCause());
    } catch (JacksonException e) {
      throw malformed(e);
    }
  }

  @Override
  public byte[] encodeInstance(InstanceInfo instance, Form form) {
    return encode("instance", json -> JsonDocumentWriter.writeInstance(instance, form, json));
  }

  @Override
  public byte[] encodeApplication(Application application, Form form) {
    return encode(
        APPLICATION, json -> JsonDocumentWriter.writeApplication(application, form, json));
  }

  @Override
  public byte[] encodeApplications(Applications applications, Form form) {
    return encode(
        APPLICATIONS, json -> JsonDocumentWriter.writeApplications(applications, form, json));
  }

  @Override
  public byte[] applicationsHead(String version, String appsHashCode, Form form) {
    return part(json -> {}, json -> beginRegistry(version, appsHashCode, form, json));
  }

  @Override
  public byte[] applicationsTail(String version, String appsHashCode, boolean isEmpty, Form form) {
    return part(json -> beginRegistry(version, appsHashCode, form, json), json -> {
      JsonDocumentWriter.endApplications(version, appsHashCode, isEmpty, form, json);
      json.writeEndObject();
    });
  }

  @Override
  public byte[] applicationHead(String name, RootElement root, Form form) {
    return switch (root) {
      case APPLICATIONS ->
        part(
            json -> beginRegistry("", "", form, json),
            json -> JsonDocumentWriter.beginApplication(name, json));
      case APPLICATION -> part(json -> {}, json -> beginApplication(name, json));
    };
  }

  @Override
  public byte[] applicationTail(RootElement root, Form form) {
    return part(json -> beginApplication("", json), json -> {
      JsonDocumentWriter.endApplication(json);
      if (root == RootElement.APPLICATION) {
        json.writeEndObject();
      }
    });
  }

  @Override
  public byte[] instances(List<InstanceInfo> instances, RootElement root, Form form) {
    return part(
        instances.size() * TYPICAL_BYTES,
        JsonGenerator::writeStartArray,
        json -> JsonDocumentWriter.writeInstances(instances, form, json));
  }

  @Override
  public byte[] separator() {
    return new byte[] {','};
  }

  @Override
  public byte[] encodeStatus(StatusInfo status) {
    return encode(StatusFields.ROOT, json -> {
      json.writeStartObject();
      writeStats(StatusFields.GENERAL, StatusFields.general(status), json);
      writeStats(StatusFields.APPLICATION, StatusFields.application(status), json);
      json.writeName(StatusFields.INSTANCE);
      JsonDocumentWriter.writeInstance(status.instance(), Form.FULL, json);
      json.writeEndObject();
    });
  }

  /**
   * Writes an object of status overrides by instance id in UTF-8, in the order of the map (spec
   * §1.2 item 17).
   */
  public byte[] encodeOverrides(Map<String, InstanceStatus> overrides) {
    return write(json -> {
      json.writeStartObject();
      overrides.forEach((id, status) -> json.writeStringProperty(id, status.name()));
      json.writeEndObject();
    });
  }

  private static void writeStats(String name, Map<String, String> stats, JsonGenerator json) {
    json.writeObjectPropertyStart(name);
    stats.forEach(json::writeStringProperty);
    json.writeEndObject();
  }

  /** Reads the object inside the wrapper, from its opening brace to its closing one. */
  private interface Body<T> {
    T read(JsonParser parser) throws MalformedDocumentException;
  }

  private <T> T decode(String root, byte[] bytes, int from, int length, Body<T> body)
      throws MalformedDocumentException {
    Objects.checkFromIndexSize(from, length, bytes.length);
    try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), bytes, from, length)) {
      return decode(root, parser, body);
    } catch (JacksonException e) {
      throw malformed(e);
    }
  }

  private static <T> T decode(String root, JsonParser parser, Body<T> body)
      throws MalformedDocumentException {
    require(parser.nextToken() == JsonToken.START_OBJECT, "an object", parser);
    require(root.equals(parser.nextName()), "the member \"" + root + "\"", parser);
    require(parser.nextToken() == JsonToken.START_OBJECT, "an object in the root", parser);
    T value = body.read(parser);
    require(parser.nextToken() == JsonToken.END_OBJECT, "no second root member", parser);
    require(parser.nextToken() == null, "nothing after the document", parser);
    return value;
  }

  private byte[] encode(String root, Consumer<JsonGenerator> body) {
    return write(json -> {
      json.writeStartObject();
      json.writeName(root);
      body.accept(json);
      json.writeEndObject();
    });
  }

  private byte[] write(Consumer<JsonGenerator> document) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(TYPICAL_BYTES);
    try (JsonGenerator json = factory.createGenerator(ObjectWriteContext.empty(), bytes)) {
      document.accept(json);
    }
    return bytes.toByteArray();
  }

  private static void beginRegistry(
      String version, String appsHashCode, Form form, JsonGenerator json) {
    json.writeStartObject();
    json.writeName(APPLICATIONS);
    JsonDocumentWriter.beginApplications(version, appsHashCode, form, json);
  }

  private static void beginApplication(String name, JsonGenerator json) {
    json.writeStartObject();
    json.writeName(APPLICATION);
    JsonDocumentWriter.beginApplication(name, json);
  }

  private byte[] part(Consumer<JsonGenerator> before, Consumer<JsonGenerator> part) {
    return part(TYPICAL_PART_BYTES, before, part);
  }

  /** Returns the output of {@code part} alone, after that of {@code before} is discarded. */
  private byte[] part(
      int typicalBytes, Consumer<JsonGenerator> before, Consumer<JsonGenerator> part) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(typicalBytes);
    try (JsonGenerator json = factory.createGenerator(ObjectWriteContext.empty(), bytes)) {
      before.accept(json);
      json.flush();
      bytes.reset();
      part.accept(json);
      json.flush();
      // The generator closes open objects after the part, when it is closed itself.
      return bytes.toByteArray();
    }
  }

  private static void require(boolean isExpected, String expected, JsonParser parser)
      throws MalformedDocumentException {
    if (!isExpected) {
      throw JsonDocumentReader.unexpected(expected, parser);
    }
  }

  static MalformedDocumentException malformed(JacksonException cause) {
    TokenStreamLocation location = cause.getLocation();
    return new MalformedDocumentException(
        cause.getOriginalMessage(), location == null ? 0 : Math.max(0, location.getByteOffset()));
  }
}
