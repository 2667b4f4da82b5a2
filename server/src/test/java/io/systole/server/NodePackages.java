// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The requirements of the JavaScript client: Node.js, if installed, and its locked packages. */
final class NodePackages {
  private static final long TIMEOUT_SECONDS = 120;

  private NodePackages() {}

  /** Returns the client, which reads deltas or always fetches the full registry (its default). */
  static ClientProgram client(String mode) {
    return new ClientProgram(
        "eureka-js-client 4.5.0",
        ClientProgram.ALL.resolve("js"),
        List.of("node", "client.js"),
        false,
        List.of(mode));
  }

  /** Installs the locked packages; aborts the test where there is no Node.js. */
  static void install(Path folder) throws IOException, InterruptedException {
    for (String tool : List.of("node", "npm")) {
      ExternalPrograms.find(tool);
    }
    Path log = folder.resolve("npm.log");
    Process npm = new ProcessBuilder(
            "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline")
        .directory(folder.toFile())
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
    boolean hasEnded = npm.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    npm.destroyForcibly();
    assertThat(hasEnded && npm.exitValue() == 0)
        .as("npm ci in %s:%n%s", folder, Files.readString(log))
        .isTrue();
  }
}
