// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readcost;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.systole.protocol.codec.Form;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.model.ActionType;
import io.systole.protocol.model.Application;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.LeaseInfo;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DataSetTest {
  private static final long NOW_MS = 1_795_205_447_197L;
  private static final DataSet DATA_SET = new DataSet(1_000_000, 10_000);

  private final JsonCodec codec = new JsonCodec();

  @ParameterizedTest
  @ValueSource(ints = {0, 255, 65_536, 123_456, 999_999})
  void document_asEncodedByTheRegistry_is960Bytes(int index) throws Exception {
    InstanceInfo stamped = stamped(decoded(index, 17));

    int bytes = sizeOf(Collections.nCopies(2, stamped)) - sizeOf(List.of(stamped));

    assertThat(bytes).isCloseTo(960, within(20));
  }

  @Test
  void document_everyInstance_hasDistinctIdHostAndAddress() throws Exception {
    DataSet small = new DataSet(1_000_000, 100);

    assertThat(IntStream.iterate(0, i -> i < 1_000_000, i -> i + 257).mapToObj(small::id))
        .doesNotHaveDuplicates();
    assertThat(decoded(70_000, 0).ipAddr()).isNotEqualTo(decoded(70_001, 0).ipAddr());
    assertThat(decoded(70_000, 0).hostName()).isNotEqualTo(decoded(70_001, 0).hostName());
  }

  @Test
  void registration_laterChange_isNewerAndContainsItsMark() throws Exception {
    InstanceInfo before = decoded(5, 16);
    InstanceInfo after = decoded(5, 17);

    assertThat(after.id()).isEqualTo(before.id());
    assertThat(after.lastDirtyMs()).isGreaterThan(before.lastDirtyMs());
    assertThat(after.metadata()).containsEntry("change", new String(DataSet.mark(17), US_ASCII));
  }

  private InstanceInfo decoded(int index, long change) throws Exception {
    String request = new String(DATA_SET.registration("/v2", index, change), US_ASCII);
    byte[] body = request.substring(request.indexOf("\r\n\r\n") + 4).getBytes(US_ASCII);
    return codec.decodeInstance(body, 0, body.length, NOW_MS);
  }

  /** Returns the instance with the stamps that a registry sets. */
  private static InstanceInfo stamped(InstanceInfo instance) {
    LeaseInfo lease = instance.leaseInfo();
    return instance.toBuilder()
        .leaseInfo(new LeaseInfo(
            lease.renewalIntervalSecs(), lease.durationSecs(), NOW_MS, NOW_MS, 0, NOW_MS))
        .actionType(ActionType.ADDED)
        .build();
  }

  private int sizeOf(List<InstanceInfo> instances) {
    return codec.encodeApplication(new Application("ORDERS-SERVICE-00000", instances), Form.FULL)
        .length;
  }
}
