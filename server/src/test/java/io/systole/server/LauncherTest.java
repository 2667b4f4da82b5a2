// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.cli.OperatorCommands;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher of the archive, with programs in place of Java that print their command line. */
class LauncherTest {
  private static final long RUN_SECONDS = 30;
  private static final Path SOURCES = Path.of("src/dist");
  private static final Path SHARED = Path.of("../.mvn/java.sh");

  /** A program that prints what a JVM would run with. */
  private static final String ECHO = """
      #!/bin/sh
      for word in "$0" "$@"; do echo "$word"; done
      echo "data=${SYSTOLE_DATA_DIR:-default $SYSTOLE_DEFAULT_DATA_DIR}"
      echo "port=${SYSTOLE_PORT:-}"
      echo "config=${SYSTOLE_CONFIG:-}"
      """;

  @TempDir
  private Path folder;

  private Path home;

  /** The exit code of the launcher and its output. */
  private record Run(int status, String output) {}

  @BeforeEach
  void makeHome() throws IOException {
    home = folder.resolve("a home");
    for (String directory : List.of("bin", "conf", "lib")) {
      Files.createDirectories(home.resolve(directory));
    }
    Files.copy(
        SOURCES.resolve("bin/systole"),
        home.resolve("bin/systole"),
        StandardCopyOption.COPY_ATTRIBUTES);
    Files.copy(SHARED, home.resolve("lib/java.sh"));
    Files.createFile(home.resolve("lib/systole-server-1.2.3.jar"));
  }

  private Path java(String name, String release) throws IOException {
    Path runtime = folder.resolve(name);
    Files.createDirectories(runtime.resolve("bin"));
    Path program = Files.writeString(runtime.resolve("bin/java"), ECHO);
    assertThat(program.toFile().setExecutable(true)).isTrue();
    Files.writeString(
        runtime.resolve("release"),
        "JAVA_RUNTIME_VERSION=\"" + release + "+7\"\nJAVA_VERSION=\"" + release + "\"\n");
    return runtime;
  }

  private Run run(Map<String, String> environment, String... arguments) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(home.resolve("bin/systole").toString());
    builder.command().addAll(List.of(arguments));
    builder.environment().keySet().retainAll(List.of("PATH"));
    builder.environment().put("HOME", folder.toString());
    builder.environment().putAll(environment);
    Process process = builder.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(RUN_SECONDS, TimeUnit.SECONDS)).isTrue();
    return new Run(process.exitValue(), output);
  }

  @Test
  void run_newJdk_passesFlagsOptionsAndArguments() throws Exception {
    Path java = java("java25", "25.0.3");

    Run run = run(
        Map.of("JAVA_HOME", java.toString(), "SYSTOLE_JAVA_OPTS", "-Xmx1g -Da=b"),
        "--port",
        "0",
        "two words");

    assertThat(run.output())
        .isEqualTo(String.join(
            "\n",
            java + "/bin/java",
            "@" + home + "/conf/jvm.options",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Xmx1g",
            "-Da=b",
            "-Djava.library.path=" + home + "/lib/native",
            "-jar",
            home + "/lib/systole-server-1.2.3.jar",
            "--port",
            "0",
            "two words",
            "data=default " + folder + "/.local/state/systole",
            "port=",
            "config=",
            ""));
    assertThat(run.status()).isZero();
  }

  @Test
  void run_jdk17_getsNoFlagsThatItDoesNotKnow() throws Exception {
    Path java = java("java17", "17.0.15");

    Run run = run(Map.of("JAVA_HOME", java.toString()));

    assertThat(run.output()).doesNotContain("enable-native-access", "sun-misc-unsafe");
    assertThat(run.status()).isZero();
  }

  @Test
  void run_javaHomeIsTooOld_isRefusedWithItsVersion() throws Exception {
    Path java = java("java11", "11.0.2");

    Run run = run(Map.of("JAVA_HOME", java.toString()));

    assertThat(run.output()).contains("is Java 11; version 17 or newer is required");
    assertThat(run.status()).isNotZero();
  }

  @Test
  void run_javaOnThePath_isPreferredToTheUsualFolders() throws Exception {
    Path java = java("java18", "18.0.1");

    Run run = run(Map.of("PATH", java + "/bin:" + System.getenv("PATH")));

    assertThat(run.output()).startsWith(java + "/bin/java\n");
  }

  @Test
  void run_runtimeInTheArchive_isUsed() throws Exception {
    Files.move(java("java25", "25.0.3"), home.resolve("runtime"));

    Run run = run(Map.of("JAVA_HOME", java("java17", "17.0.15").toString()));

    assertThat(run.output()).startsWith(home + "/runtime/bin/java\n");
  }

  /** A command of an operator must not open the port of a debugger, nor reserve the node's heap. */
  @Test
  void run_commandOfAnOperator_hasOptionsOfItsOwn() throws Exception {
    Path java = java("java17", "17.0.15");

    for (String command : OperatorCommands.NAMES) {
      Run run =
          run(Map.of("JAVA_HOME", java.toString(), "SYSTOLE_JAVA_OPTS", "-Xmx9g"), command, "A");

      assertThat(run.output())
          .contains("\n-Xmx256m\n", "\n" + command + "\nA\n")
          .doesNotContain("-Xmx9g", "jvm.options");
    }
  }

  @Test
  void run_settingsFile_isReadButDoesNotReplaceVariables() throws Exception {
    Path java = java("java17", "17.0.15");
    Files.writeString(
        home.resolve("conf/systole.env"),
        "# comment\n\nSYSTOLE_PORT=1\nSYSTOLE_DATA_DIR=/a b/c\nSYSTOLE_JAVA_OPTS=-Dfrom=file");

    Run run = run(Map.of("JAVA_HOME", java.toString(), "SYSTOLE_PORT", "2"));

    assertThat(run.output()).contains("\n-Dfrom=file\n", "\ndata=/a b/c\n", "\nport=2\n");
  }

  @Test
  void run_settingsFileAsShipped_changesNothing() throws Exception {
    Path java = java("java17", "17.0.15");
    Files.copy(SOURCES.resolve("conf/systole.env"), home.resolve("conf/systole.env"));

    Run run = run(Map.of("JAVA_HOME", java.toString()));

    assertThat(run.output()).contains("data=default " + folder + "/.local/state/systole\nport=\n");
  }

  @Test
  void run_configurationInTheArchive_isReadUnlessAnotherIsNamed() throws Exception {
    String java = java("java17", "17.0.15").toString();
    Path config = Files.createFile(home.resolve("conf/systole.yml"));

    assertThat(run(Map.of("JAVA_HOME", java)).output()).contains("\nconfig=" + config + "\n");
    assertThat(
            run(Map.of("JAVA_HOME", java, "SYSTOLE_CONFIG", "/etc/systole.yml")).output())
        .contains("\nconfig=/etc/systole.yml\n");
  }

  @Test
  void run_settingsFileWithAnotherLine_isRefusedWithItsNumberOnly() throws Exception {
    Path java = java("java17", "17.0.15");
    Path file = home.resolve("conf/systole.env");
    Files.writeString(file, "# comment\nSYSTOLE_PEERS = http://user:s3cr3t@host:1/eureka\n");

    Run run = run(Map.of("JAVA_HOME", java.toString()));

    assertThat(run.output()).contains(file + ":2: expected NAME=value").doesNotContain("s3cr3t");
    assertThat(run.status()).isEqualTo(2);
  }

  @Test
  void run_asSystemdService_usesItsStateDirectory() throws Exception {
    Path java = java("java17", "17.0.15");

    Run run = run(Map.of("JAVA_HOME", java.toString(), "STATE_DIRECTORY", "/var/lib/systole"));

    assertThat(run.output()).contains("\ndata=default /var/lib/systole\n");
  }

  @Test
  void run_cacheOfThisJava_isUsed() throws Exception {
    Path java = java("java25", "25.0.3");
    Files.createDirectory(home.resolve("cache"));
    Path cache = Files.createFile(home.resolve("cache/server-25.0.3+7.aot"));
    Files.createFile(home.resolve("cache/server-17.0.15+7.jsa"));

    assertThat(run(Map.of("JAVA_HOME", java.toString())).output())
        .contains("\n-XX:AOTCache=" + cache + "\n");
    assertThat(run(Map.of("JAVA_HOME", java("java17", "17.0.15").toString())).output())
        .contains("\n-XX:SharedArchiveFile=" + home + "/cache/server-17.0.15+7.jsa\n");
    assertThat(run(Map.of("JAVA_HOME", java("java21", "21.0.1").toString())).output())
        .doesNotContain("-XX:");
  }
}
