// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import io.systole.server.config.ConfigFile.Document;
import io.systole.server.config.ConfigFile.Entry;
import io.systole.server.config.Settings.Setting;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A reader of the settings from the command line, the environment and a file, in the order of
 * precedence. All values are validated, also those that another source overrides. Single use.
 */
final class SettingsReader {
  /** The data directory that the launcher gives to a node for which no source names one. */
  private static final String DEFAULT_DATA_DIR = "SYSTOLE_DEFAULT_DATA_DIR";

  /** Variables that are not those of an option; the launcher reads the first. */
  private static final Set<String> OTHER_VARIABLES = Set.of("SYSTOLE_JAVA_OPTS", DEFAULT_DATA_DIR);

  private static final String VARIABLE_PREFIX = "SYSTOLE_";
  private static final String KUBERNETES_PREFIX = "SYSTOLE_SERVICE_";

  private final Map<String, String> environment;
  private final Map<Option<?>, Setting<?>> set = new HashMap<>();
  private final List<String> errors = new ArrayList<>();

  SettingsReader(Map<String, String> environment) {
    this.environment = environment;
  }

  /**
   * Reads the settings.
   *
   * @param flags values by flag, with its dashes
   * @throws InvalidOptionException with all errors
   */
  Settings read(Map<String, String> flags) {
    Map<String, String> variables = new TreeMap<>(environment);
    variables
        .keySet()
        .removeIf(name -> !name.startsWith(VARIABLE_PREFIX) || OTHER_VARIABLES.contains(name));
    readNamed(new TreeMap<>(flags), Option::flagName, "option");
    readNamed(variables, Option::variableName, "variable");
    Path file = valueOf(NodeOptions.CONFIG).path();
    if (file != null) {
      try {
        readFile(ConfigFile.read(file));
      } catch (InvalidOptionException unusable) {
        errors.addAll(unusable.errors());
      }
    }
    String directory = environment.get(DEFAULT_DATA_DIR);
    if (directory != null) {
      read(StoreOptions.DATA_DIR, DEFAULT_DATA_DIR, directory);
    }
    if (!errors.isEmpty()) {
      throw new InvalidOptionException(errors);
    }
    return Settings.of(Options.all(), set);
  }

  @SuppressWarnings("unchecked") // an option maps to a setting of its own type
  private <T> T valueOf(Option<T> option) {
    Setting<T> setting = (Setting<T>) set.get(option);
    return setting == null ? option.defaultValue() : setting.value();
  }

  private void readNamed(
      Map<String, String> values, Function<Option<?>, String> nameOf, String kind) {
    Map<String, Option<?>> known = byName(Options.all(), nameOf);
    values.forEach((name, text) -> {
      Option<?> option = known.get(name);
      if (option == null) {
        errors.add(unknown(name, kind, known.keySet()));
      } else {
        read(option, name, text);
      }
    });
  }

  private static Map<String, Option<?>> byName(
      Collection<Option<?>> options, Function<Option<?>, String> nameOf) {
    return options.stream().collect(Collectors.toMap(nameOf, Function.identity()));
  }

  /** The value is omitted, since it may be a secret. */
  private static String unknown(String name, String kind, Collection<String> known) {
    String hint = name.startsWith(KUBERNETES_PREFIX)
        ? "Kubernetes sets it for a service named systole; set enableServiceLinks: false"
        : NearestName.of(name, known)
            .map(nearest -> "did you mean " + nearest + "?")
            .orElse("see --help");
    return name + " is not a known " + kind + "; " + hint;
  }

  /** Validates a value, and keeps it unless an earlier source has set the option. */
  private <T> void read(Option<T> option, String source, String text) {
    try {
      set.putIfAbsent(option, new Setting<>(option, option.read(source, text), source));
    } catch (InvalidOptionException invalid) {
      errors.addAll(invalid.errors());
    }
  }

  private void readFile(List<Document> documents) {
    Map<String, Option<?>> known = byName(
        Options.all().stream().filter(option -> !option.group().isEmpty()).toList(), Option::path);
    for (Document document : documents) {
      for (Entry entry : document.entries().values()) {
        Option<?> option = known.get(entry.path());
        if (option != null) {
          read(option, entry.location() + ": " + entry.path(), entry.text());
        } else if (!isEmptyGroup(entry)) {
          errors.add(entry.location() + ": " + unknown(entry.path(), "key", known.keySet()));
        }
      }
    }
  }

  /** A group may be left without keys. */
  private static boolean isEmptyGroup(Entry entry) {
    return entry.text().isEmpty()
        && Options.all().stream().anyMatch(option -> option.group().equals(entry.path()));
  }
}
