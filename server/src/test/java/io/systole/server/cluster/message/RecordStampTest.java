// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.message;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The order of stamps, which decides what applies at all members. */
class RecordStampTest {
  @Test
  void compareTo_recordStamps_ordersByRankThenClockThenOwner() {
    List<RecordStamp> ascending = List.of(
        new RecordStamp(Long.MIN_VALUE, 9, 9),
        new RecordStamp(-1, 9, 9),
        new RecordStamp(1, -1, 9),
        new RecordStamp(1, 2, -1),
        new RecordStamp(1, 2, 3),
        new RecordStamp(1, Long.MAX_VALUE, 0),
        new RecordStamp(2, 0, 0));

    assertThat(Stream.of(6, 2, 4, 0, 5, 3, 1).map(ascending::get).sorted()).isEqualTo(ascending);
    assertThat(new RecordStamp(1, 2, 3)).isEqualByComparingTo(new RecordStamp(1, 2, 3));
  }

  @Test
  void compareTo_overrideStamps_ordersByClockThenMember() {
    List<OverrideStamp> ascending = List.of(
        new OverrideStamp(-1, 9),
        new OverrideStamp(1, -1),
        new OverrideStamp(1, 2),
        new OverrideStamp(2, 0));

    assertThat(Stream.of(3, 1, 0, 2).map(ascending::get).sorted()).isEqualTo(ascending);
    assertThat(new OverrideStamp(1, 2)).isEqualByComparingTo(new OverrideStamp(1, 2));
  }
}
