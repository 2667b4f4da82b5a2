// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.servers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;

/**
 * Packs the Spring Cloud Eureka server from its published artifacts, the first time it is wanted.
 */
public final class SpringEurekaBuild {
  static final String MAIN = "stock.SpringServer";

  /** Where its sources are; the client's tests use them too. */
  private static final String SERVERS = "client/src/test/stock-servers";

  private SpringEurekaBuild() {}

  /** Where it is packed, in the checkout at {@code root}. */
  static Path directory(Path root) {
    return root.resolve("benchmarks/target/stock");
  }

  /**
   * Packs it if one of {@code servers} needs it and it is not there, or older than its sources.
   *
   * @throws IOException if Maven fails; what it said stands in the log that the message names
   */
  public static void ensure(Path root, List<ServerUnderTest> servers)
      throws IOException, InterruptedException {
    Path project = root.resolve(SERVERS).resolve("spring");
    Path built = directory(root).resolve("classes/stock/SpringServer.class");
    boolean isWanted = servers.stream().anyMatch(ServerUnderTest::isStock);
    boolean isUpToDate = isNewer(built, root.resolve(SERVERS).resolve("pom.xml"))
        && isNewer(built, project.resolve("pom.xml"))
        && isNewer(built, project.resolve("src/stock/SpringServer.java"));
    if (!isWanted || isUpToDate) {
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
    // Maven leaves a class alone that has not changed.
    Files.setLastModifiedTime(built, FileTime.from(Instant.now()));
  }

  private static boolean isNewer(Path built, Path source) throws IOException {
    return Files.exists(built)
        && Files.getLastModifiedTime(built).compareTo(Files.getLastModifiedTime(source)) >= 0;
  }
}
