// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the report goes besides the terminal. */
final class OutputOptions {
  @Option(names = "--json", paramLabel = "FILE", description = "Also write the report as JSON.")
  private @Nullable Path json;

  @Nullable
  Path json() {
    return json;
  }
}
