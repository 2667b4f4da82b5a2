// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the report goes besides the terminal. */
final class OutputOptions {
  @Option(names = "--json", paramLabel = "FILE", description = "Also write the report as JSON.")
  private @Nullable Path json;

  @Option(
      names = "--report",
      paramLabel = "FILE.html",
      description = "Also write it as a page with plots: one file that needs no other.")
  private @Nullable Path html;

  @Nullable
  Path json() {
    return json;
  }

  @Nullable
  Path html() {
    return html;
  }
}
