// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cli;

import io.systole.server.config.ConfigParser;
import java.util.HashMap;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** The options of a node as arguments of other commands, which find it by its configuration. */
final class LocalNodeOptions {
  private LocalNodeOptions() {}

  /** Adds the options that a command does not have itself; its help omits them. */
  static void addTo(CommandSpec command) {
    for (ConfigParser.OptionDescription option : ConfigParser.options()) {
      if (!command.optionsMap().containsKey(option.flag())) {
        command.addOption(
            OptionSpec.builder(option.flag()).type(String.class).hidden(true).build());
      }
    }
  }

  /** Returns the values by flag. */
  static Map<String, String> flags(ParseResult parsed) {
    Map<String, String> flags = new HashMap<>();
    for (ConfigParser.OptionDescription option : ConfigParser.options()) {
      if (parsed.hasMatchedOption(option.flag())) {
        Object value = parsed.matchedOption(option.flag()).getValue();
        flags.put(option.flag(), String.valueOf(value));
      }
    }
    return flags;
  }
}
