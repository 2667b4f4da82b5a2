// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Without a pre-touched heap, page faults are attributed to the code that allocates, which can
 * multiply its score.
 */
final class ForkFlagsTest {
  @Test
  void jvmArguments_ofEveryBenchmark_fixAndTouchTheHeap() {
    Set<BenchmarkListEntry> benchmarks = BenchmarkList.defaultList()
        .getAll(
            OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT), List.of());

    assertThat(benchmarks).hasSizeGreaterThan(30).allSatisfy(benchmark -> {
      Collection<String> flags = benchmark.getJvmArgsAppend().orElse(Set.of());
      assertThat(flags).as(benchmark.getUsername()).contains(ForkFlags.PRE_TOUCH);
      assertThat(flag("-Xms", flags)).isEqualTo(flag("-Xmx", flags)).isNotEmpty();
    });
  }

  private static String flag(String name, Collection<String> flags) {
    return flags.stream()
        .filter(flag -> flag.startsWith(name))
        .map(flag -> flag.substring(name.length()))
        .findFirst()
        .orElse("");
  }
}
