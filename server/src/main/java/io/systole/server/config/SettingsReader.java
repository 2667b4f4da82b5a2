// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import io.systole.server.config.ConfigFile.Document;
import io.systole.server.config.ConfigFile.Entry;
import io.systole.server.config.Settings.Setting;
import io.systole.server.config.SpringNames.OptionMapping;
import io.systole.server.config.SpringTls.Meaning;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

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
  private final List<String> notices = new ArrayList<>();

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

  /** Returns a line for each key of the file that is understood, but has no effect. */
  List<String> notices() {
    return List.copyOf(notices);
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

  /** The value is omitted, since it may be a secret; a name may be a URL in a wrong place. */
  private static String unknown(String name, String kind, Collection<String> known) {
    String hint = name.startsWith(KUBERNETES_PREFIX)
        ? "Kubernetes sets it for a service named systole; set enableServiceLinks: false"
        : NearestName.of(name, known)
            .map(nearest -> "did you mean " + nearest + "?")
            .orElse("see --help");
    return Option.withoutCredentials(name) + " is not a known " + kind + "; " + hint;
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
    boolean isSpring = SpringFile.isSpring(documents);
    SpringFile file = new SpringFile(
        documents, valueOf(NodeOptions.SPRING_PROFILES).names(), environment, notices);
    SpringTls tls = new SpringTls(file);
    Map<Option<?>, List<Given>> springs = new LinkedHashMap<>();
    for (Entry entry : file.entries()) {
      Option<?> option = known.get(entry.path());
      if (option != null) {
        read(option, entry.source(), entry.text());
      } else if (isSpring && !isInOwnGroup(entry)) {
        readSpringName(file, tls.of(entry.path()), entry, springs);
      } else if (!isGroup(entry.path())) {
        errors.add(entry.location() + ": " + unknown(entry.path(), "key", known.keySet()));
      } else if (!entry.text().isEmpty()) {
        errors.add(entry.source() + " is a group, whose options are lines like name: value");
      }
    }
    springs.forEach(this::readCounterpart);
    if (isSpring) {
      file.entries().forEach(entry -> requireSecurity(tls.of(entry.path()), entry));
    }
  }

  /**
   * Refuses a name that secures a Spring server and has no counterpart, unless an option does the
   * same for the node.
   */
  private void requireSecurity(@Nullable Meaning meaning, Entry entry) {
    if (meaning == null || meaning.counterpart() != null) {
      return;
    }
    String source = entry.source();
    String reason =
        meaning.reason() == null ? null : source + " has no counterpart: " + meaning.reason();
    if (!meaning.required().isEmpty() && meaning.required().stream().noneMatch(this::isSet)) {
      String flag = meaning.required().get(0).flagName();
      errors.add(
          reason == null
              ? source + " needs " + flag
              : reason + "; with " + flag + " set, the node starts");
    } else if (reason != null) {
      notices.add(reason);
    }
  }

  private <T> boolean isSet(Option<T> option) {
    return !valueOf(option).equals(option.defaultValue());
  }

  /** A misspelt name of an option must not be taken for one of somebody else's. */
  private static boolean isInOwnGroup(Entry entry) {
    return isGroup(SpringNames.canonical(SpringNames.rootOf(entry.path())));
  }

  private static boolean isGroup(String path) {
    return Options.all().stream()
        .anyMatch(option -> !path.isEmpty() && option.group().equals(path));
  }

  /** A value that a name of Spring gives to an option. */
  private record Given(String source, String text) {}

  /** @param meaning null for a name that does not secure the server */
  private void readSpringName(
      SpringFile file,
      @Nullable Meaning meaning,
      Entry entry,
      Map<Option<?>, List<Given>> springs) {
    OptionMapping counterpart =
        meaning == null ? SpringNames.counterpart(entry.path()) : meaning.counterpart();
    if (counterpart == null && meaning != null) {
      return;
    }
    String source = entry.source();
    if (counterpart == null) {
      notices.add(source + " " + SpringNames.reason(entry.path()));
      return;
    }
    try {
      String text = counterpart.converter().apply(file.resolve(entry).strip());
      springs
          .computeIfAbsent(counterpart.option(), option -> new ArrayList<>())
          .add(new Given(source, text));
    } catch (InvalidOptionException unresolved) {
      errors.addAll(unresolved.errors());
    }
  }

  /** Several names may mean one option: the zones of service URLs, and the timeouts of peers. */
  private void readCounterpart(Option<?> option, List<Given> given) {
    if (option.equals(PeerOptions.PEERS)) {
      String urls = given.stream().map(Given::text).collect(Collectors.joining(","));
      read(option, given.get(0).source(), urls);
      return;
    }
    if (option.equals(PeerOptions.PEER_TIMEOUT)) {
      given.sort(Comparator.comparingLong(SettingsReader::durationMs).reversed());
    }
    given.forEach(value -> read(option, value.source(), value.text()));
  }

  private static long durationMs(Given given) {
    Long ms = Quantity.DURATION.parse(given.text());
    return ms == null ? 0 : ms;
  }
}
