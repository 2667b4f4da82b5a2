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

  /** So that a name in a log, a review or a search leads to one file. */
  @Test
  void typeNames_occurInOneFile() throws IOException {
    SourceTree sources = SourceTree.parse(CHECKOUT);

    // Each module tests its own structure.
    assertThat(sources.sharedNames()).containsOnlyKeys("ArchitectureTest");
  }
}
