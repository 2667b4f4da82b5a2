// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cli;

import io.systole.server.config.InvalidOptionException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The subcommands of {@code systole} for operating a running node. Exit codes: 0 success, 1 refused
 * by the node, 2 invalid arguments, 3 no usable response, 4 something is wrong (of {@code status}).
 */
@Command(name = "systole")
public final class OperatorCommands {
  /** The names of the subcommands in the order of the documentation. */
  public static final List<String> NAMES = List.of(
      "status",
      "applications",
      "instances",
      "explain",
      "evict",
      "extend",
      "override",
      "peers",
      "cluster",
      "recent",
      "top");

  private OperatorCommands() {}

  /**
   * Runs a subcommand.
   *
   * @param arguments beginning with the name of the subcommand
   * @return the exit code
   */
  public static int run(
      List<String> arguments, Map<String, String> environment, PrintStream out, PrintStream err) {
    return run(
        arguments, new CommandContext(environment, Terminal.ofProcess(environment, out, err)));
  }

  static int run(List<String> arguments, CommandContext context) {
    return commandLine(context).execute(arguments.toArray(String[]::new));
  }

  private static CommandLine commandLine(CommandContext context) {
    Terminal terminal = context.terminal();
    CommandLine root = new CommandLine(new OperatorCommands());
    subcommands(context).forEach((name, command) -> {
      CommandLine subcommand = new CommandLine(command);
      CommandSpec spec = subcommand.getCommandSpec();
      LocalNodeOptions.addTo(spec);
      spec.addOption(OptionSpec.builder("-h", "--help")
          .usageHelp(true)
          .description("show this help and exit")
          .build());
      spec.usageMessage().sortOptions(false);
      root.addSubcommand(name, subcommand);
    });
    // A name may begin with @.
    root.setExpandAtFiles(false);
    root.setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8));
    root.setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8));
    root.setParameterExceptionHandler((invalid, arguments) -> {
      terminal.warn(String.valueOf(invalid.getMessage()));
      terminal.warn("see " + invalid.getCommandLine().getCommandSpec().qualifiedName() + " --help");
      return CommandException.USAGE;
    });
    root.setExecutionExceptionHandler((failure, command, parsed) -> exitCode(failure, terminal));
    return root;
  }

  private static Map<String, Callable<Integer>> subcommands(CommandContext context) {
    Map<String, Callable<Integer>> commands = new LinkedHashMap<>();
    commands.put("status", new StatusCommand(context));
    commands.put("applications", new ApplicationsCommand(context));
    commands.put("instances", new InstancesCommand(context));
    commands.put("explain", new ExplainCommand(context));
    commands.put("evict", new EvictCommand(context));
    commands.put("extend", new ExtendCommand(context));
    commands.put("override", new OverrideCommand(context));
    commands.put("peers", new PeersCommand(context));
    commands.put("cluster", new ClusterCommand(context));
    commands.put("recent", new RecentCommand(context));
    commands.put("top", new TopCommand(context));
    return commands;
  }

  private static int exitCode(Exception failure, Terminal terminal) throws Exception {
    String message = String.valueOf(failure.getMessage());
    if (failure instanceof CommandException command) {
      terminal.warn(message);
      return command.exitCode();
    }
    if (failure instanceof InvalidOptionException) {
      message.lines().forEach(terminal::warn);
      return CommandException.USAGE;
    }
    throw failure;
  }
}
