// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.protocol.model.AppsHashCode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Compares our encoders with recorded responses, byte for byte (spec §6). */
class ResponseCapturesTest {
  /** The reference writes the empty metadata key as {@code <>}, which is malformed XML. */
  private static final String MALFORMED_XML = "get-meta-odd-keys-xml";

  @Test
  void encode_decodedResponses_equalsTheRecordedBytes() throws MalformedDocumentException {
    List<Capture> captures = Capture.all().stream()
        .filter(RecordedDocument::isIn)
        .filter(capture -> !capture.name().equals(MALFORMED_XML))
        .toList();

    Map<String, String> expected = new TreeMap<>();
    Map<String, String> actual = new TreeMap<>();
    int instances = 0;
    for (Capture capture : captures) {
      RecordedDocument document = RecordedDocument.of(capture);
      instances += document.instances().size();
      expected.put(capture.name(), capture.response().bodyText());
      actual.put(capture.name(), document.encoded());
    }

    System.out.println("responses compared: " + captures.size() + ", instances: " + instances);
    assertThat(actual).hasSizeGreaterThan(80).containsExactlyEntriesOf(expected);
  }

  @Test
  void encode_emptyMetadataKey_differsFromTheRecordingInThatEntryOnly()
      throws MalformedDocumentException {
    String recorded = Capture.of(MALFORMED_XML).response().bodyText();
    RecordedDocument sameInJson = RecordedDocument.of(Capture.of("get-meta-odd-keys-json"));

    byte[] encoded = new XmlCodec().encodeInstance(sameInJson.instances().get(0), Form.FULL);

    assertThat(new String(encoded, StandardCharsets.UTF_8))
        .isEqualTo(recorded.replace("    <>6</>\n", ""));
  }

  @Test
  void decode_recordedMalformedXml_isRefused() {
    Capture malformed = Capture.of(MALFORMED_XML);

    assertThatThrownBy(() -> RecordedDocument.of(malformed))
        .isInstanceOf(MalformedDocumentException.class);
  }

  @Test
  void appsHashCode_ofRecordedRegistries_isTheRecordedOne() throws MalformedDocumentException {
    List<Capture> captures = Capture.all().stream()
        .filter(RecordedDocument::isIn)
        .filter(capture -> capture.request().firstLine().matches("GET \\S+/apps/?(\\?\\S*)? .*"))
        .toList();

    Map<String, String> expected = new TreeMap<>();
    Map<String, String> actual = new TreeMap<>();
    for (Capture capture : captures) {
      RecordedDocument registry = RecordedDocument.of(capture);
      expected.put(capture.name(), registry.hash());
      actual.put(capture.name(), AppsHashCode.of(registry.applications()));
    }

    assertThat(actual).hasSizeGreaterThan(10).containsExactlyEntriesOf(expected);
    assertThat(actual)
        .containsEntry("apps-hash-mixed", "DOWN_1_OUT_OF_SERVICE_2_STARTING_1_UNKNOWN_2_UP_11_");
  }
}
