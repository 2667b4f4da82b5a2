// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * How to start a program around someone else's client. What it needs is packed by the build under
 * {@code target/real-clients}, outside the tests' class path.
 *
 * @param title who it is, with version
 * @param folder where it lies and runs
 * @param readsDeltas whether it fetches everything only when it must
 * @param tail what its command line says after base URL, application and instance id
 */
record ClientProgram(
    String title, Path folder, List<String> command, boolean readsDeltas, List<String> tail) {
  static final Path ALL = Path.of("target", "real-clients").toAbsolutePath();

  /** A program of the Maven project {@code project}. */
  static ClientProgram java(String title, String project, String main, String... tail) {
    Path folder = ALL.resolve(project);
    List<String> command = List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx128m",
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "-Djava.net.preferIPv4Stack=true",
        "-cp",
        folder.resolve("target/classes") + ":" + folder.resolve("lib") + "/*",
        main);
    return new ClientProgram(title, folder, command, true, List.of(tail));
  }

  RealClient start(String base, String app, String id) throws IOException {
    assertThat(folder)
        .as("%s is packed by: mvn -pl server -am pre-integration-test", title)
        .isDirectory();
    return RealClient.start(this, base, app, id);
  }
}
