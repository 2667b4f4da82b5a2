// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class JcmdParserTest {
  @Test
  void histogramBytes_histogram_returnsTotalOfLastLine() throws IOException {
    String text = """
        9155:
         num     #instances         #bytes  class name (module)
        -------------------------------------------------------
           1:        121891       12504152  [B (java.base@25.0.3)
           2:             7            112  shop.Total
        Total        782157       39145856
        """;

    long bytes = JcmdParser.histogramBytes(text);

    assertThat(bytes).isEqualTo(39_145_856);
  }

  @Test
  void histogramBytes_otherOutput_showsItInTheMessage() {
    assertThatThrownBy(() -> JcmdParser.histogramBytes("9155:\nCommand executed successfully\n"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Command executed successfully");
  }

  @Test
  void histogramCount_class_returnsItsInstancesOrNone() {
    String text = """
           1:        121891       12504152  [B (java.base@25.0.3)
           2:             7            112  shop.TotalOfAll
           3:             5            112  shop.Total
        Total        782157       39145856
        """;

    assertThat(JcmdParser.histogramCount(text, "shop.Total")).isEqualTo(5);
    assertThat(JcmdParser.histogramCount(text, "shop.None")).isZero();
  }

  @Test
  void heapUsedBytes_jdk25_returnsHeapNotMetaspace() throws IOException {
    String text = """
        9155:
        garbage-first heap   total reserved 1048576K, committed 109568K, used 78300K [0x00000000c0)
         region size 1024K, 42 young (43008K), 6 survivors (6144K)
        Metaspace       used 68831K, committed 69760K, reserved 1114112K
        """;

    long bytes = JcmdParser.heapUsedBytes(text);

    assertThat(bytes).isEqualTo(78_300L * 1024);
  }

  @Test
  void heapUsedBytes_jdk17_returnsHeapNotMetaspace() throws IOException {
    String text = """
        321:
         garbage-first heap   total 253952K, used 1957K [0x0000000709400000, 0x0000000800000000)
          region size 2048K, 2 young (4096K), 0 survivors (0K)
         Metaspace       used 83K, committed 192K, reserved 1114112K
        """;

    long bytes = JcmdParser.heapUsedBytes(text);

    assertThat(bytes).isEqualTo(1_957L * 1024);
  }

  @Test
  void residentBytes_statusFile_returnsBytes() throws IOException {
    String text = "Name:\tjava\nVmHWM:\t  300000 kB\nVmRSS:\t  293474 kB\nRssAnon:\t  266266 kB\n";

    long bytes = JcmdParser.residentBytes(text);

    assertThat(bytes).isEqualTo(293_474L * 1024);
  }

  @Test
  void directBytes_tracked_returnsCommittedByUnsafe() throws IOException {
    String text = """
        -                     Class (reserved=1048777KB, committed=457KB)
        -                     Other (reserved=8210KB, committed=8200KB)
                                    (malloc=8210KB #24)
        """;

    OptionalLong bytes = JcmdParser.directBytes(text);

    assertThat(bytes).hasValue(8_200L * 1024);
  }

  @Test
  void directBytes_notTracked_isEmpty() throws IOException {
    OptionalLong bytes = JcmdParser.directBytes("77:\nNative memory tracking is not enabled\n");

    assertThat(bytes).isEmpty();
  }
}
