// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.time.Clock;
import io.systole.server.HeartbeatServer;
import io.systole.server.config.ConfigParser;
import io.systole.server.registry.Origin;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Execution(ExecutionMode.CONCURRENT)
class CompareRegistriesCommandTest {
  private static final InstanceInfo UP = instance(InstanceStatus.UP);
  private static final InstanceInfo DOWN = instance(InstanceStatus.DOWN);

  private final CommandLineCase cli = new CommandLineCase();

  @TempDir
  private Path folder;

  private static InstanceInfo instance(InstanceStatus status) {
    return InstanceInfo.builder()
        .app("DEMO")
        .instanceId("i-1")
        .hostName("h")
        .ipAddr("10.0.0.1")
        .status(status)
        .lastDirtyMs(1)
        .build();
  }

  private int compare(ScriptedRegistry a, ScriptedRegistry b, String... more) {
    String[] arguments = new String[more.length + 3];
    arguments[0] = "compare-registries";
    arguments[1] = a.url().toString();
    arguments[2] = b.url().toString();
    System.arraycopy(more, 0, arguments, 3, more.length);
    return cli.execute(arguments);
  }

  @Test
  void compareRegistries_equal_exitsWithZero() throws Exception {
    try (ScriptedRegistry a = new ScriptedRegistry(UP);
        ScriptedRegistry b = new ScriptedRegistry(UP)) {
      assertThat(compare(a, b)).isZero();
    }
    assertThat(cli.out()).contains("PASSED: all servers have the same 1 instance");
  }

  @Test
  void compareRegistries_difference_isPrintedAndWrittenAndExitsWithOne() throws Exception {
    Path json = folder.resolve("differences.json");
    try (ScriptedRegistry a = new ScriptedRegistry(UP);
        ScriptedRegistry b = new ScriptedRegistry(DOWN)) {
      assertThat(compare(a, b, "--json=" + json)).isEqualTo(CommandRunner.FAILED);
    }
    assertThat(cli.out())
        .contains("DEMO/i-1", "    status: \"UP\" at A; \"DOWN\" at B", "wrote " + json)
        .contains("FAILED: 1 of 1 instances differ: 0 missing at a server, 1 with different");
    assertThat(Files.readString(json).replaceAll("\\s+", ""))
        .contains("\"differing\":1,", "\"app\":\"DEMO\",\"id\":\"i-1\",\"missingAt\":[]")
        .contains("{\"name\":\"status\",\"values\":{\"A\":\"UP\",\"B\":\"DOWN\"}}");
  }

  @Test
  void compareRegistries_limitOfNone_printsTheCountOnly() throws Exception {
    try (ScriptedRegistry a = new ScriptedRegistry(UP);
        ScriptedRegistry b = new ScriptedRegistry(DOWN)) {
      assertThat(compare(a, b, "--max-differences=0")).isEqualTo(CommandRunner.FAILED);
    }
    assertThat(cli.out())
        .contains("and 1 more instance" + System.lineSeparator())
        .doesNotContain("DEMO");
  }

  @Test
  void wait_serverThatFailsAndDiffersAtFirst_isComparedAgain() throws Exception {
    try (ScriptedRegistry a = new ScriptedRegistry(UP);
        ScriptedRegistry b =
            new ScriptedRegistry().then("503 Busy", "", new byte[0]).then(DOWN).then(UP)) {
      assertThat(compare(a, b, "--wait=1m")).isZero();
    }
  }

  @Test
  void wait_timeIsOver_reportsTheLastComparison() throws Exception {
    try (ScriptedRegistry a = new ScriptedRegistry(UP);
        ScriptedRegistry b =
            new ScriptedRegistry().then("503 Busy", "", new byte[0]).then(DOWN)) {
      assertThat(compare(a, b, "--wait=1ms")).isEqualTo(CommandRunner.FAILED);
    }
    assertThat(cli.out()).contains("FAILED: 1 of 1 instances differ");
  }

  @Test
  void compareRegistries_unreadableServer_exitsWithOneAndNamesIt() throws Exception {
    try (ScriptedRegistry a = new ScriptedRegistry(UP);
        ScriptedRegistry b = new ScriptedRegistry().then("200 OK", "", "hello".getBytes(UTF_8))) {
      assertThat(compare(a, b)).isEqualTo(CommandRunner.FAILED);
      assertThat(cli.err()).contains("FAILED: cannot read the registry of " + b.url() + ": ");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://127.0.0.1:9/v2",
        "http://127.0.0.1:9/v2 127.0.0.1:9",
        "http://127.0.0.1:9/v2 http://127.0.0.1:9/v2 --max-differences=-1",
        "http://127.0.0.1:9/v2 http://127.0.0.1:9/v2 --max-differences=1000001",
        "http://127.0.0.1:9/v2 http://127.0.0.1:9/v2 --wait=soon",
      })
  void compareRegistries_invalidOptions_areUsageErrors(String arguments) {
    int code = cli.execute(("compare-registries " + arguments).split(" "));

    assertThat(code).isEqualTo(CommandRunner.USAGE_ERROR);
    assertThat(cli.err().strip().lines().toList()).last().asString().startsWith("error: ");
  }

  @Test
  void compareRegistries_nodes_agreeAfterTheSameRegistration() throws Exception {
    try (HeartbeatServer first = node();
        HeartbeatServer second = node()) {
      String a = "http://127.0.0.1:" + first.start().getPort() + "/v2";
      String b = "http://127.0.0.1:" + second.start().getPort() + "/v2";
      first.registry().register(UP, Origin.CLIENT);

      int differing = cli.execute("compare-registries", a, b);
      second.registry().register(UP, Origin.PEER);
      int equal = cli.execute("compare-registries", a, b, "--wait=30s");

      assertThat(differing).isEqualTo(CommandRunner.FAILED);
      assertThat(equal).isZero();
      assertThat(cli.out()).contains("DEMO/i-1", "    missing at B");
    }
  }

  private static HeartbeatServer node() throws Exception {
    Map<String, String> flags = Map.of("--port", "0", "--bind", "127.0.0.1", "--loops", "1");
    return new HeartbeatServer(ConfigParser.read(flags, Map.of()), Clock.startingAtZero());
  }
}
