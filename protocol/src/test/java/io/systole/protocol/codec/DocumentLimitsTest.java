// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.protocol.model.InstanceInfo;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests each of {@link DocumentLimits}: accepted at the limit, refused beyond. */
@Timeout(30)
class DocumentLimitsTest {
  private static final JsonCodec JSON = new JsonCodec();
  private static final XmlCodec XML = new XmlCodec();

  static List<Arguments> limits() {
    int depth = DocumentLimits.DEPTH_MAX;
    int text = DocumentLimits.TEXT_CHARS_MAX;
    int name = DocumentLimits.NAME_CHARS_MAX;
    int digits = DocumentLimits.NUMBER_CHARS_MAX;
    int entries = DocumentLimits.METADATA_ENTRIES_MAX;
    return List.of(
        limit("json depth", JSON, depth - 2, n -> json("\"x\":" + "[".repeat(n) + "]".repeat(n))),
        limit("json text", JSON, text, n -> json("\"sid\":\"" + "s".repeat(n) + "\"")),
        limit("json name", JSON, name, n -> json("\"" + "n".repeat(n) + "\":1")),
        limit("json number", JSON, digits, n -> json("\"metadata\":{\"k\":" + "1".repeat(n) + "}")),
        limit("json metadata", JSON, entries, n -> json("\"metadata\":{" + jsonEntries(n) + "}")),
        limit(
            "json bytes", JSON, DocumentLimits.INSTANCE_BYTES_MAX, n -> padded(json("\"x\":1"), n)),
        limit("xml depth", XML, depth - 1, n -> xml("<x>".repeat(n) + "</x>".repeat(n))),
        limit("xml text", XML, text, n -> xml("<sid>" + "s".repeat(n) + "</sid>")),
        limit("xml attribute", XML, name, n -> xml("<x y='" + "n".repeat(n) + "'/>")),
        limit(
            "xml attributes",
            XML,
            DocumentLimits.ATTRIBUTES_MAX,
            n -> xml("<x " + attributes(n) + "/>")),
        limit("xml metadata", XML, entries, n -> xml("<metadata>" + xmlEntries(n) + "</metadata>")),
        limit("xml bytes", XML, DocumentLimits.INSTANCE_BYTES_MAX, n -> padded(xml(""), n)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("limits")
  void decodeInstance_atTheLimit_isRead(
      String name, Codec codec, int max, IntFunction<String> document)
      throws MalformedDocumentException {
    byte[] bytes = document.apply(max).getBytes(StandardCharsets.UTF_8);

    InstanceInfo instance = codec.decodeInstance(bytes, 0, bytes.length, 0);

    assertThat(instance.app()).as(name).isEqualTo("A");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("limits")
  void decodeInstance_beyondTheLimit_isRefused(
      String name, Codec codec, int max, IntFunction<String> document) {
    byte[] bytes = document.apply(max + 1).getBytes(StandardCharsets.UTF_8);

    assertThatThrownBy(() -> codec.decodeInstance(bytes, 0, bytes.length, 0))
        .as(name)
        .isInstanceOf(MalformedDocumentException.class);
  }

  @Test
  void decodeInstance_bombs_areRefused() {
    int many = 200_000;
    List<String> bombs = List.of(
        "[".repeat(many),
        "{\"instance\":".repeat(many / 10),
        "{\"instance\":{\"x\":" + "{\"x\":".repeat(many / 5),
        json("\"countryId\":" + "9".repeat(many)),
        json("\"countryId\":1e999999999"),
        json("\"lastDirtyTimestamp\":1e-999999999,\"countryId\":-1e99999"),
        json("\"lastDirtyTimestamp\":\"" + "9".repeat(many) + "\""),
        "{\"instance\":{\"app\":\"" + "a".repeat(many),
        "<x>".repeat(many),
        "<instance>" + "<x>".repeat(many),
        "<instance " + attributes(many / 10) + "/>",
        xml("<port>" + "9".repeat(many) + "</port>"),
        "<" + "n".repeat(many),
        "<!--" + "-".repeat(many),
        "<!DOCTYPE x [" + "<!ENTITY a 'a'>".repeat(many / 20) + "]><instance/>");

    for (String bomb : bombs) {
      byte[] bytes = bomb.getBytes(StandardCharsets.UTF_8);
      Codec codec = bytes[0] == '<' ? XML : JSON;

      assertThatThrownBy(() -> codec.decodeInstance(bytes, 0, bytes.length, 0))
          .as(bomb.substring(0, 30))
          .isInstanceOf(MalformedDocumentException.class)
          .extracting(Throwable::getMessage)
          .satisfies(message -> assertThat(message.length()).isLessThan(300));
    }
  }

  private static Arguments limit(String name, Codec codec, int max, IntFunction<String> document) {
    return Arguments.of(name, codec, max, document);
  }

  private static String json(String members) {
    return "{\"instance\":{\"app\":\"a\"," + members + "}}";
  }

  private static String xml(String elements) {
    return "<instance><app>a</app>" + elements + "</instance>";
  }

  private static String padded(String document, int length) {
    return document + " ".repeat(length - document.length());
  }

  private static String jsonEntries(int count) {
    return IntStream.range(0, count)
        .mapToObj(index -> "\"k" + index + "\":1")
        .collect(Collectors.joining(","));
  }

  private static String xmlEntries(int count) {
    return IntStream.range(0, count)
        .mapToObj(index -> "<k" + index + "/>")
        .collect(Collectors.joining());
  }

  private static String attributes(int count) {
    return IntStream.range(0, count)
        .mapToObj(index -> "a" + index + "='1'")
        .collect(Collectors.joining(" "));
  }
}
