// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The JSON report file. */
final class JsonOption {
  @Option(names = "--json", paramLabel = "FILE", description = "Also write the report as JSON.")
  private @Nullable Path file;

  @Nullable
  Path file() {
    return file;
  }
}
