// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.model.StatusInfo;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests the documents on the state of a server: status and overrides (spec §1.2, §1.9). */
class StatusDocumentTest {
  private static final long MB = 1 << 20;
  private static final InstanceInfo SELF =
      InstanceInfo.builder().app("SYSTOLE").hostName("h").build();

  @Test
  void encodeStatus_asXml_equalsTheRecordedBytes() throws MalformedDocumentException {
    String recorded = Capture.of("status-xml").response().bodyText();
    byte[] instance = recorded
        .substring(
            recorded.indexOf("<instanceInfo>"),
            recorded.indexOf("</instanceInfo>") + "</instanceInfo>".length())
        .replace("instanceInfo>", "instance>")
        .getBytes(StandardCharsets.UTF_8);
    InstanceInfo self = new XmlCodec().decodeInstance(instance, 0, instance.length, 0);

    String xml = xml(status(95 * MB, 46 * MB, 0, self));

    assertThat(xml).isEqualTo(recorded);
  }

  @Test
  void encodeStatus_asJson_isTheSameTree() {
    String json = json(status(95 * MB, 46 * MB, 0, SELF));

    assertThat(json)
        .startsWith("{\"com.netflix.eureka.util.StatusInfo\":{\"generalStats\":{"
            + "\"num-of-cpus\":\"2\",\"total-avail-memory\":\"95mb\","
            + "\"current-memory-usage\":\"46mb (48%)\",\"server-uptime\":\"00:00\"},"
            + "\"applicationStats\":{\"registered-replicas\":\"\",\"available-replicas\":\"\","
            + "\"unavailable-replicas\":\"\"},"
            + "\"instanceInfo\":{\"hostName\":\"h\",\"app\":\"SYSTOLE\",")
        .endsWith("}}}");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 00:00",
    "59999, 00:00",
    "60000, 00:01",
    "35999999, 09:59",
    "86399999, 23:59",
    "86400000, 1 days 00:00",
    "1000000000, 11 days 13:46"
  })
  void encodeStatus_uptime_isInDaysHoursAndMinutes(long uptimeMs, String text) {
    assertThat(xml(status(MB, 0, uptimeMs, SELF)))
        .contains("<server-uptime>" + text + "</server-uptime>");
  }

  @Test
  void encodeStatus_lessThanAMegabyte_isZeroPercent() {
    assertThat(json(status(MB - 1, MB - 1, 0, SELF)))
        .contains("\"current-memory-usage\":\"0mb (0%)\"");
  }

  @Test
  void encodeStatus_replicas_areJoinedAsByTheReference() {
    StatusInfo status = new StatusInfo(
        1,
        MB,
        0,
        0,
        List.of("http://a/", "http://b/"),
        List.of("http://a/"),
        List.of("http://b/"),
        SELF);

    assertThat(json(status))
        .contains("\"registered-replicas\":\"http://a/, http://b/\"")
        .contains("\"available-replicas\":\"http://a/,\"")
        .contains("\"unavailable-replicas\":\"http://b/,\"");
  }

  @Test
  void encodeOverrides_none_isAnEmptyObject() {
    assertThat(overridesJson(Map.of())).isEqualTo("{}");
  }

  @Test
  void encodeOverrides_some_isStatusByIdInOrder() {
    Map<String, InstanceStatus> overrides = new LinkedHashMap<>();
    overrides.put("z\"1", InstanceStatus.OUT_OF_SERVICE);
    overrides.put("é", InstanceStatus.DOWN);

    assertThat(overridesJson(overrides))
        .isEqualTo("{\"z\\\"1\":\"OUT_OF_SERVICE\",\"é\":\"DOWN\"}");
  }

  private static String overridesJson(Map<String, InstanceStatus> overrides) {
    return new String(new JsonCodec().encodeOverrides(overrides), StandardCharsets.UTF_8);
  }

  private static StatusInfo status(
      long memoryBytes, long usedBytes, long uptimeMs, InstanceInfo self) {
    return new StatusInfo(
        2, memoryBytes, usedBytes, uptimeMs, List.of(), List.of(), List.of(), self);
  }

  private static String xml(StatusInfo status) {
    return new String(new XmlCodec().encodeStatus(status), StandardCharsets.UTF_8);
  }

  private static String json(StatusInfo status) {
    return new String(new JsonCodec().encodeStatus(status), StandardCharsets.UTF_8);
  }
}
