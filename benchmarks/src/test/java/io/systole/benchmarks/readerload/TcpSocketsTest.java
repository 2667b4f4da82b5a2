// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readerload;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class TcpSocketsTest {
  private static final String TABLE = """
        sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid
         0: 0100007F:2239 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0
         1: 0100007F:2239 0100007F:C001 01 00000000:00000000 00:00000000 00000000     0
         2: 0100007F:2239 0100007F:C002 01 00040000:00000000 00:00000000 00000000     0
         3: 0100007F:2239 0100007F:C003 04 00040000:00000000 00:00000000 00000000     0
         4: 0100007F:C001 0100007F:2239 01 00000000:00000000 00:00000000 00000000     0
         5: 0100007F:223A 0100007F:C004 01 00000000:00000000 00:00000000 00000000     0
      """;

  @Test
  void establishedCount_table_countsEstablishedSocketsOfTheServer() {
    long count = TcpSockets.establishedCount(TABLE.lines(), 0x2239);

    assertThat(count).isEqualTo(2);
  }
}
