// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import io.systole.loadtest.scenario.BuiltInScenarios;
import io.systole.loadtest.scenario.ScenarioArguments;
import io.systole.loadtest.scenario.ScenarioArguments.RestartCommands;
import io.systole.loadtest.scenario.ScenarioParseException;
import io.systole.loadtest.scenario.ScenarioRunner;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The {@code scenario} command: a scripted run with events and expectations, from YAML. */
@Command(
    name = "scenario",
    description = "Runs a scenario from a YAML file, or a built-in one (--list), and checks its"
        + " expectations.",
    mixinStandardHelpOptions = true)
final class ScenarioCommand implements Callable<Integer> {
  private static final int PORT_MAX = 65_535;

  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec command;

  @Parameters(
      arity = "0..1",
      paramLabel = "FILE",
      description = "Scenario file, or the name of a built-in scenario.")
  private @Nullable String file;

  @Option(names = "--list", description = "List the built-in scenarios and exit.")
  private boolean listOnly;

  @Option(
      names = "--target",
      converter = ServiceUrl.class,
      paramLabel = "URL",
      description = "Service URL of the registry, e.g. http://127.0.0.1:8761/v2.")
  private @Nullable URI target;

  @Option(
      names = "--short",
      description = "Run the short form, which takes seconds; for a first try and for CI.")
  private boolean isShort;

  @Option(
      names = "--set",
      paramLabel = "PATH=VALUE",
      description = "Override a member of the scenario, e.g. fleet.instances=1000 or"
          + " events.0.replace.share=20%%; may be repeated.")
  private List<String> settings = new ArrayList<>();

  @Option(
      names = "--watch",
      paramLabel = "URL",
      description =
          "Service URL of another node that must converge with the target; may be repeated.")
  private List<String> watch = new ArrayList<>();

  @Option(
      names = "--restart-kill",
      paramLabel = "CMD",
      description = "Shell command (sh -c) that kills the target and returns once it has exited.")
  private @Nullable String kill;

  @Option(
      names = "--restart-start",
      paramLabel = "CMD",
      description = "Shell command (sh -c) that starts the target and leaves it in the background.")
  private @Nullable String start;

  @Option(
      names = "--node-signal",
      paramLabel = "CMD",
      description = "Shell command (sh -c) that sends the signal in SIGNAL to the node in NODE.")
  private @Nullable String signal;

  @Option(
      names = "--member-proxies",
      split = ",",
      paramLabel = "PORT",
      description = "Ports, one for each node, at which the tool accepts the connections of the"
          + " members of a native cluster to each other (SOCKS), for partitions.")
  private List<Integer> memberProxies = new ArrayList<>();

  @Option(
      names = "--pid",
      paramLabel = "P",
      description = "Process id of a local target; its CPU time and memory are reported.")
  private @Nullable Long pid;

  @Option(
      names = "--lag-max",
      defaultValue = "10",
      paramLabel = "MS",
      description = "Maximum p99 lag of the generator itself, milliseconds; a run beyond it is"
          + " invalid. Default: ${DEFAULT-VALUE}.")
  private int lagMsMax;

  @Mixin
  private final OutputOptions output = new OutputOptions();

  @Override
  public Integer call() throws Exception {
    if (listOnly) {
      var out = command.commandLine().getOut();
      BuiltInScenarios.list().forEach((name, about) -> out.printf("%-18s %s%n", name, about));
      out.flush();
      return 0;
    }
    ScenarioArguments arguments = arguments();
    output.requireWritable(command);
    try {
      ScenarioRunner runner = CommandRunner.checked(
          command, () -> new ScenarioRunner(arguments, lagMsMax, CommandRunner.progress(command)));
      CommandRunner.printHint(command, arguments.target());
      if (!runner.needs().isEmpty()) {
        command.commandLine().getErr().println("requires: " + runner.needs());
      }
      return CommandRunner.runAndReport(command, output, runner::endEarly, runner::run);
    } catch (ScenarioParseException e) {
      // The command line is correct, so its usage would not help.
      command.commandLine().getErr().println(e.getMessage());
      return CommandRunner.USAGE_ERROR;
    }
  }

  private ScenarioArguments arguments() {
    if (file == null || target == null) {
      throw new ParameterException(
          command.commandLine(), "scenario requires FILE and --target, or --list");
    }
    if (memberProxies.stream().anyMatch(port -> port < 1 || port > PORT_MAX)) {
      throw new ParameterException(
          command.commandLine(), "--member-proxies must be within 1.." + PORT_MAX);
    }
    return new ScenarioArguments(
        file,
        target,
        isShort,
        settings,
        pid == null ? OptionalLong.empty() : OptionalLong.of(pid),
        new RestartCommands(kill, start, signal),
        watch,
        memberProxies);
  }
}
