// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import java.net.URI;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The target of a single-target command. */
final class TargetOptions {
  // picocli sets every field before it is read, or rejects the command line.
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
      description = "Process id of a local target; its CPU time and memory are reported.")
  private @Nullable Long pid;

  URI target() {
    return target;
  }

  OptionalLong pid() {
    return pid == null ? OptionalLong.empty() : OptionalLong.of(pid);
  }
}
