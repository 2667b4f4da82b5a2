// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import io.systole.server.config.ConfigParser;
import java.io.PrintStream;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** The arguments of the commands that have all options of a node. */
final class NodeArguments {
  /** The exit code of an invalid argument or configuration. */
  static final int BAD_USAGE = 2;

  private NodeArguments() {}

  /** Returns a command with all options, whose values are validated later. */
  static CommandSpec command(String name, String description) {
    CommandSpec command = CommandSpec.create().name(name).mixinStandardHelpOptions(true);
    command.version("systole " + BuildInfo.CURRENT.version());
    command.parser().unmatchedArgumentsAllowed(true);
    command
        .usageMessage()
        .description(description)
        .footer(
            "",
            "Each option can also be set by the environment variable named with it, or by its",
            "group and name in the configuration file. The command line takes precedence over the",
            "environment, and that over the file. SYSTOLE_JAVA_OPTS is passed to the JVM.")
        .sortOptions(false);
    for (ConfigParser.OptionDescription option : ConfigParser.options()) {
      command.addOption(OptionSpec.builder(option.flag())
          .type(String.class)
          .paramLabel(option.label())
          .description(
              formatOf(option.description() + "."),
              formatOf(option.range() + ", default " + option.defaultText() + "; "
                  + option.variable() + (option.path().contains(".") ? ", " + option.path() : "")))
          .build());
    }
    // An argument that begins with @ is a value, not a file of arguments.
    command.parser().expandAtFiles(false);
    return command;
  }

  /** Descriptions are format strings. */
  private static String formatOf(String text) {
    return text.replace("%", "%%");
  }

  /** Returns the values by flag, including unknown ones, which the configuration refuses. */
  static Map<String, String> flags(ParseResult parsed) {
    Map<String, String> flags = new HashMap<>();
    for (OptionSpec option : parsed.matchedOptions()) {
      if (!option.usageHelp() && !option.versionHelp()) {
        flags.put(option.longestName(), option.getValue());
      }
    }
    Iterator<String> unmatched = parsed.unmatched().iterator();
    while (unmatched.hasNext()) {
      String[] nameAndValue = unmatched.next().split("=", 2);
      flags.put(nameAndValue[0], "");
      // The next word is most likely the value.
      if (nameAndValue[0].startsWith("-") && nameAndValue.length == 1 && unmatched.hasNext()) {
        unmatched.next();
      }
    }
    return flags;
  }

  /** Prints each error on a separate line. */
  static void printRefusal(RuntimeException refusal, PrintStream err) {
    String.valueOf(refusal.getMessage()).lines().forEach(line -> err.println("systole: " + line));
  }
}
