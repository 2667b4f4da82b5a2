// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import io.systole.server.config.ConfigParser;
import io.systole.server.config.InvalidOptionException;
import io.systole.server.config.LoadedConfig;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * The subcommands of {@code systole config}, which start no node. Exit codes: 0 success, 2 an
 * invalid configuration or argument.
 */
final class ConfigCommands {
  private static final String CHECK = "check";
  private static final String PRINT = "print";
  private static final String DOCS = "docs";

  private ConfigCommands() {}

  /** Runs the subcommand named by the arguments; returns the exit code. */
  static int run(
      List<String> arguments, Map<String, String> environment, PrintStream out, PrintStream err) {
    CommandLine commandLine = new CommandLine(command());
    commandLine.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8));
    try {
      ParseResult parsed = commandLine.parseArgs(arguments.toArray(String[]::new));
      Integer helped = CommandLine.executeHelpRequest(parsed);
      if (helped != null) {
        return helped;
      }
      if (!parsed.hasSubcommand()) {
        commandLine.usage(err);
        return NodeArguments.BAD_USAGE;
      }
      return run(parsed.subcommand(), environment, out, err);
    } catch (ParameterException | InvalidOptionException refusal) {
      NodeArguments.printRefusal(refusal, err);
      return NodeArguments.BAD_USAGE;
    }
  }

  private static int run(
      ParseResult subcommand, Map<String, String> environment, PrintStream out, PrintStream err) {
    String name = subcommand.commandSpec().name();
    if (name.equals(DOCS)) {
      out.print(ConfigParser.optionsAsMarkdown());
      return 0;
    }
    LoadedConfig config = ConfigParser.load(NodeArguments.flags(subcommand), environment);
    config.notices().forEach(notice -> err.println("systole: " + notice));
    if (name.equals(PRINT)) {
      out.print(config.toYaml());
      return 0;
    }
    List<String> failures = StartCheck.failures(config.server());
    failures.forEach(failure -> err.println("systole: " + failure));
    if (!failures.isEmpty()) {
      return NodeArguments.BAD_USAGE;
    }
    out.print("ok: the configuration is valid\n");
    return 0;
  }

  private static CommandSpec command() {
    CommandSpec command =
        CommandSpec.create().name("systole config").mixinStandardHelpOptions(true);
    command.parser().expandAtFiles(false);
    command.usageMessage().description("Shows the configuration of a node without starting it.");
    command.addSubcommand(
        CHECK,
        NodeArguments.command(
            CHECK,
            "Validates the configuration, with the files and the data directory that it names;"
                + " exits with 0 or 2."));
    command.addSubcommand(
        PRINT,
        NodeArguments.command(
            PRINT, "Prints the configuration with the source of each value, without credentials."));
    CommandSpec docs = CommandSpec.create().name(DOCS).mixinStandardHelpOptions(true);
    docs.usageMessage().description("Prints the table of all options in Markdown.");
    command.addSubcommand(DOCS, docs);
    return command;
  }
}
