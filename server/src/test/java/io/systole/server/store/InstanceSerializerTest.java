// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

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

  /** Addresses are copied as they stand, unless they are not ASCII. */
  @ParameterizedTest
  @CsvSource({
    "host.example.com, 10.0.0.1, http://host.example.com:8080/a/long/path/of/more/than/eight",
    "höst, 10.0.0.1, http://höst/",
    "漢字漢字漢字, ::1, http://😀😀😀/",
    ", , ",
    "h, '', ''",
  })
  void take_anyAddresses_givesTheDocumentThatWasPut(
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

    InstanceInfo taken = taken(instance);

    assertThat(taken).isEqualTo(instance);
    assertThat(taken.sizeBytes()).isEqualTo(instance.sizeBytes());
  }

  @ParameterizedTest
  @CsvSource({"1", "64", "65", "300"})
  void take_anyNumberOfMetadata_givesThemInTheirOrder(int entries) throws Exception {
    Map<String, String> metadata = new LinkedHashMap<>();
    for (int i = entries; i > 0; i--) {
      metadata.put("name-" + i, "value-" + i);
    }
    InstanceInfo instance =
        InstanceInfo.builder().instanceId("i").app("A").metadata(metadata).build();

    InstanceInfo taken = taken(instance);

    assertThat(taken.metadata()).containsExactlyEntriesOf(metadata);
  }

  /** No node writes such a record, and a file may hold anything. */
  @Test
  void takeTexts_aNameTwice_theLastWins() throws Exception {
    RecordEncoder out = new RecordEncoder();
    out.putNumber(2);
    out.putText("name");
    out.putText("first");
    out.putText("name");
    out.putText("second");

    Map<String, String> taken = cursor.over(out.array(), 0, out.size()).takeTexts();

    assertThat(taken).containsExactly(Map.entry("name", "second"));
  }

  /** Equal text is shared from its third sight on: the second shows that it is repeated. */
  @Test
  void takeText_repeated_isOneObject() throws Exception {
    RecordEncoder out = new RecordEncoder();
    for (int i = 0; i < 4; i++) {
      out.putText("zone-1");
    }
    cursor.over(out.array(), 0, out.size());

    String first = cursor.takeText();
    String second = cursor.takeText();
    String third = cursor.takeText();
    String fourth = cursor.takeText();

    assertThat(first).isEqualTo(second);
    assertThat(third).isSameAs(second).isSameAs(fourth);
  }

  private InstanceInfo taken(InstanceInfo instance) throws CorruptRecordException {
    RecordEncoder out = new RecordEncoder();
    InstanceSerializer.put(instance, out);
    return InstanceSerializer.take(cursor.over(out.array(), 0, out.size()));
  }
}
