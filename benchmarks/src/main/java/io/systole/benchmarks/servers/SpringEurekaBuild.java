// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.servers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;

/** Builds the Spring Cloud Eureka server from its published artifacts on first use. */
final class SpringEurekaBuild {
  static final String MAIN = "stock.SpringServer";

  /** Directory of its sources, which the tests of the client use too. */
  private static final String SERVERS = "client/src/test/stock-servers";

  private SpringEurekaBuild() {}

  /** Returns the directory it is built into, in the checkout at {@code root}. */
  static Path directory(Path root) {
    return root.resolve("benchmarks/target/stock");
  }

  /**
   * Builds it if it is missing or older than its sources.
   *
   * @throws IOException if Maven fails; the message names its log
   */
  static void ensure(Path root) throws IOException, InterruptedException {
    Path project = root.resolve(SERVERS).resolve("spring");
    Path built = directory(root).resolve("classes/stock/SpringServer.class");
    boolean isUpToDate = isNewer(built, root.resolve(SERVERS).resolve("pom.xml"))
        && isNewer(built, project.resolve("pom.xml"))
        && isNewer(built, project.resolve("src/stock/SpringServer.java"));
    if (isUpToDate) {
      return;
    }
    Path log = Files.createDirectories(directory(root)).resolve("build.log");
    ProcessBuilder maven = new ProcessBuilder(
        "mvn",
        "-q",
        "-B",
        "-f",
        project.resolve("pom.xml").toString(),
        "-Dpacked.directory=" + directory(root).toAbsolutePath(),
        "process-classes");
    maven.environment().put("JAVA_HOME", System.getProperty("java.home"));
    maven.redirectErrorStream(true).redirectOutput(log.toFile());
    int status = maven.start().waitFor();
    if (status != 0) {
      throw new IOException("mvn ended with status " + status + "; see " + log);
    }
    // Maven does not touch a class that has not changed.
    Files.setLastModifiedTime(built, FileTime.from(Instant.now()));
  }

  private static boolean isNewer(Path built, Path source) throws IOException {
    return Files.exists(built)
        && Files.getLastModifiedTime(built).compareTo(Files.getLastModifiedTime(source)) >= 0;
  }
}
