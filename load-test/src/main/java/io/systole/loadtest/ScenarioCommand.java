// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import io.systole.loadtest.scenario.BuiltInScenarios;
import io.systole.loadtest.scenario.RestartCommands;
import io.systole.loadtest.scenario.ScenarioArguments;
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

/** A story with events and expectations, from YAML. */
@Command(
    name = "scenario",
    description = "Plays a scenario from a YAML file, or one of those shipped (--list), and holds"
        + " what happened against what it expects.",
    mixinStandardHelpOptions = true)
final class ScenarioCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec command;

  @Parameters(
      arity = "0..1",
      paramLabel = "FILE",
      description = "The scenario; a bare name is that of a shipped one.")
  private @Nullable String file;

  @Option(names = "--list", description = "List the shipped scenarios and do nothing else.")
  private boolean isList;

  @Option(
      names = "--target",
      converter = ServiceUrl.class,
      paramLabel = "URL",
      description = "Service URL of the registry, e.g. http://127.0.0.1:8761/v2.")
  private @Nullable URI target;

  @Option(
      names = "--short",
      description = "Play the scenario's short form, of some seconds: for a first look, and in CI.")
  private boolean isShort;

  @Option(
      names = "--set",
      paramLabel = "PATH=VALUE",
      description = "Set a member of the scenario, e.g. fleet.instances=1000 or"
          + " events.0.replace.share=20%%; may be repeated.")
  private List<String> settings = new ArrayList<>();

  @Option(
      names = "--watch",
      paramLabel = "URL",
      description = "Service URL of another node that must come to show the same; may be repeated.")
  private List<String> watch = new ArrayList<>();

  @Option(
      names = "--restart-kill",
      paramLabel = "CMD",
      description = "For sh -c: kills the target, and returns when it is gone.")
  private @Nullable String kill;

  @Option(
      names = "--restart-start",
      paramLabel = "CMD",
      description = "For sh -c: starts the target, and returns while it runs on.")
  private @Nullable String start;

  @Option(
      names = "--pid",
      paramLabel = "P",
      description =
          "Process id of the target, if it runs here: its CPU time and memory are reported.")
  private @Nullable Long pid;

  @Option(
      names = "--lag-max",
      defaultValue = "10",
      paramLabel = "MS",
      description = "Milliseconds that the generator itself may be late at p99 before its figures"
          + " are invalid; ${DEFAULT-VALUE} unless given.")
  private int lagMsMax;

  @Mixin
  private final OutputOptions output = new OutputOptions();

  @Override
  public Integer call() throws Exception {
    if (isList) {
      var out = command.commandLine().getOut();
      BuiltInScenarios.list().forEach((name, about) -> out.printf("%-18s %s%n", name, about));
      out.flush();
      return 0;
    }
    ScenarioArguments request = request();
    try {
      ScenarioRunner play = CommandRunner.checked(
          command, () -> new ScenarioRunner(request, lagMsMax, CommandRunner.progress(command)));
      CommandRunner.printHint(command, request.target());
      if (!play.needs().isEmpty()) {
        command.commandLine().getErr().println("needs: " + play.needs());
      }
      return CommandRunner.played(command, output, play::endEarly, play::run);
    } catch (ScenarioParseException e) {
      // The command line is as it should be, so its usage would only hide what is wrong.
      command.commandLine().getErr().println(e.getMessage());
      return LoadTest.BAD_USAGE;
    }
  }

  private ScenarioArguments request() {
    if (file == null || target == null) {
      throw new ParameterException(
          command.commandLine(), "scenario needs FILE and --target, or --list");
    }
    return new ScenarioArguments(
        file,
        target,
        isShort,
        settings,
        pid == null ? OptionalLong.empty() : OptionalLong.of(pid),
        new RestartCommands(kill, start),
        watch);
  }
}
