// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A program around a third-party client. The build packages its dependencies under
 * {@code target/real-clients}, outside the tests' class path.
 *
 * @param title name and version
 * @param folder its directory, also the working directory
 * @param readsDeltas whether it fetches the full registry only when necessary
 * @param tail arguments after base URL, application and instance id
 */
record ClientProgram(
    String title, Path folder, List<String> command, boolean readsDeltas, List<String> tail) {
  static final Path ALL = Path.of("target", "real-clients").toAbsolutePath();

  /** Returns the program of a Maven project. */
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

  /** Returns the program with further flags of its JVM. */
  ClientProgram withJvmFlags(List<String> flags) {
    List<String> longer = new ArrayList<>(command);
    longer.addAll(1, flags);
    return new ClientProgram(title, folder, List.copyOf(longer), readsDeltas, tail);
  }

  RealClient start(String base, String app, String id) throws IOException {
    assertThat(folder)
        .as("%s is packed by: mvn -pl server -am pre-integration-test", title)
        .isDirectory();
    return RealClient.start(this, base, app, id);
  }
}
