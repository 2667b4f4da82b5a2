// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where the report goes besides the terminal. */
final class OutputOptions {
  @Mixin
  private final JsonOption json = new JsonOption();

  @Option(
      names = "--report",
      paramLabel = "FILE.html",
      description = "Also write it as a page with plots: one file that needs no other.")
  private @Nullable Path html;

  @Nullable
  Path json() {
    return json.file();
  }

  @Nullable
  Path html() {
    return html;
  }
}
