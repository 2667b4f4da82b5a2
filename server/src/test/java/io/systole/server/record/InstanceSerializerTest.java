// SPDX-License-Identifier: Apache-2.0
package io.systole.server.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.DataCenterInfo;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.StringInterner;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InstanceSerializerTest {
  private final RecordDecoder cursor = new RecordDecoder(new StringInterner());

  /** Addresses are copied as bytes unless they are not ASCII. */
  @ParameterizedTest
  @CsvSource({
    "host.example.com, 10.0.0.1, http://host.example.com:8080/a/long/path/of/more/than/eight",
    "höst, 10.0.0.1, http://höst/",
    "漢字漢字漢字, ::1, http://😀😀😀/",
    ", , ",
    "h, '', ''",
  })
  void read_anyAddresses_equalsTheWrittenDocument(
      @Nullable String hostName, @Nullable String ipAddr, @Nullable String page) throws Exception {
    InstanceInfo instance = InstanceInfo.builder()
        .instanceId("i")
        .app("A")
        .hostName(hostName)
        .ipAddr(ipAddr)
        .homePageUrl(page)
        .secureHealthCheckUrl(page)
        .dataCenterInfo(DataCenterInfo.MY_OWN)
        .build();

    InstanceInfo decoded = roundTrip(instance);

    assertThat(decoded).isEqualTo(instance);
    assertThat(decoded.sizeBytes()).isEqualTo(instance.sizeBytes());
  }

  @ParameterizedTest
  @CsvSource({"1", "64", "65", "300"})
  void read_anyNumberOfMetadata_keepsTheirOrder(int entries) throws Exception {
    Map<String, String> metadata = new LinkedHashMap<>();
    for (int i = entries; i > 0; i--) {
      metadata.put("name-" + i, "value-" + i);
    }
    InstanceInfo instance =
        InstanceInfo.builder().instanceId("i").app("A").metadata(metadata).build();

    InstanceInfo decoded = roundTrip(instance);

    assertThat(decoded.metadata()).containsExactlyEntriesOf(metadata);
  }

  /** No node writes such a record, but a file may contain anything. */
  @Test
  void readMap_duplicateName_lastWins() throws Exception {
    RecordEncoder out = new RecordEncoder();
    out.writeVarint(2);
    out.writeText("name");
    out.writeText("first");
    out.writeText("name");
    out.writeText("second");

    Map<String, String> decoded = cursor.wrap(out.array(), 0, out.size()).readMap();

    assertThat(decoded).containsExactly(Map.entry("name", "second"));
  }

  /** Equal text is shared from its third occurrence on: the second shows that it repeats. */
  @Test
  void readText_repeated_isOneObject() throws Exception {
    RecordEncoder out = new RecordEncoder();
    for (int i = 0; i < 4; i++) {
      out.writeText("zone-1");
    }
    cursor.wrap(out.array(), 0, out.size());

    String first = cursor.readText();
    String second = cursor.readText();
    String third = cursor.readText();
    String fourth = cursor.readText();

    assertThat(first).isEqualTo(second);
    assertThat(third).isSameAs(second).isSameAs(fourth);
  }

  private InstanceInfo roundTrip(InstanceInfo instance) throws CorruptRecordException {
    RecordEncoder out = new RecordEncoder();
    InstanceSerializer.write(instance, out);
    return InstanceSerializer.read(cursor.wrap(out.array(), 0, out.size()));
  }
}
