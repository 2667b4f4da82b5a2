// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.structure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * Rules for the sources of all modules. Unlike class files, sources show uses of constants, which
 * the compiler inlines. Rules for packages are those of each module's test.
 */
final class ArchitectureTest {
  private static final Path CHECKOUT = Path.of("..");

  @Test
  void filesOfAPackage_haveNoCycles() throws IOException {
    SourceTree sources = SourceTree.parse(CHECKOUT);

    assertThat(sources.cycles()).isEmpty();
  }
}
