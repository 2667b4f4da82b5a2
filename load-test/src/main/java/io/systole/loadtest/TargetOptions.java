// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import java.net.URI;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The one registry that is driven. */
final class TargetOptions {
  // picocli sets every field, or refuses the command line, before anyone reads one.
  @Option(
      names = "--target",
      required = true,
      converter = ServiceUrl.class,
      paramLabel = "URL",
      description = "Service URL of the registry, e.g. http://127.0.0.1:8761/v2.")
  @SuppressWarnings("NullAway.Init")
  private URI target;

  @Option(
      names = "--pid",
      paramLabel = "P",
      description =
          "Process id of the target, if it runs here: its CPU time and memory are reported.")
  private @Nullable Long pid;

  URI target() {
    return target;
  }

  OptionalLong pid() {
    return pid == null ? OptionalLong.empty() : OptionalLong.of(pid);
  }
}
