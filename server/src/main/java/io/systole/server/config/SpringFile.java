// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import io.systole.server.config.ConfigFile.Document;
import io.systole.server.config.ConfigFile.Entry;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The effective values of an {@code application.yml}: of its active documents, later ones first.
 */
final class SpringFile {
  private static final String ACTIVE = SpringNames.canonical("spring.profiles.active");

  private static final Set<String> ON_PROFILE = Set.of(
      SpringNames.canonical("spring.config.activate.on-profile"),
      SpringNames.canonical("spring.profiles"));

  private static final String ON_PLATFORM =
      SpringNames.canonical("spring.config.activate.on-cloud-platform");

  /** The profile of Spring while no other is active. */
  private static final String DEFAULT_PROFILE = "default";

  /** A placeholder without another one in it. */
  private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([^${}:]+)(?::([^${}]*))?}");

  /** More than nested defaults need; ends placeholders that refer to themselves. */
  private static final int PLACEHOLDERS_MAX = 100;

  private final Map<String, String> environment;
  private final List<String> notices;
  private final List<String> profiles;
  private final Map<String, Entry> effective = new LinkedHashMap<>();

  /**
   * @param profiles the active profiles; empty for those that the file names
   * @param environment resolves placeholders
   * @param notices receives a line for each document that is skipped
   * @throws InvalidOptionException if the condition of a document is not a list of profiles, or a
   *     document has a name in two notations
   */
  SpringFile(
      List<Document> documents,
      List<String> profiles,
      Map<String, String> environment,
      List<String> notices) {
    this.environment = environment;
    this.notices = notices;
    this.profiles = profiles.isEmpty() ? profilesOf(documents) : profiles;
    documents.stream().map(SpringFile::byCanonicalName).forEach(document -> {
      if (isActive(document)) {
        effective.putAll(document);
      }
    });
    ON_PROFILE.forEach(effective::remove);
    effective.remove(ACTIVE);
  }

  /** Returns whether a file has names of Spring. */
  static boolean isSpring(List<Document> documents) {
    return documents.stream()
        .flatMap(document -> document.entries().keySet().stream())
        .anyMatch(path -> SpringNames.ROOTS.contains(SpringNames.rootOf(path)));
  }

  /** Returns the values of the active documents, with placeholders. */
  List<Entry> entries() {
    return List.copyOf(effective.values());
  }

  /** Returns the value of a name in any notation; null if there is none. */
  @Nullable
  Entry entry(String name) {
    return effective.get(SpringNames.canonical(name));
  }

  private static Map<String, Entry> byCanonicalName(Document document) {
    Map<String, Entry> entries = new LinkedHashMap<>();
    document.entries().values().forEach(entry -> {
      Entry earlier = entries.put(SpringNames.canonical(entry.path()), entry);
      if (earlier != null) {
        throw new InvalidOptionException(
            entry.source() + " is a duplicate of " + earlier.path() + " in " + earlier.location());
      }
    });
    return entries;
  }

  private static List<String> profilesOf(List<Document> documents) {
    List<String> active = List.of(DEFAULT_PROFILE);
    for (Document document : documents) {
      Map<String, Entry> entries = byCanonicalName(document);
      Entry named = entries.get(ACTIVE);
      if (named != null && !named.text().isEmpty() && conditionOf(entries) == null) {
        active = words(named.text());
      }
    }
    return active;
  }

  private static @Nullable Entry conditionOf(Map<String, Entry> document) {
    return ON_PROFILE.stream()
        .map(document::get)
        .filter(e -> e != null)
        .findFirst()
        .orElse(null);
  }

  private static List<String> words(String text) {
    return Arrays.stream(text.split(",")).map(String::strip).toList();
  }

  private boolean isActive(Map<String, Entry> document) {
    Entry platform = document.get(ON_PLATFORM);
    if (platform != null) {
      notices.add(platform.location() + ": the document for cloud platform " + platform.text()
          + " is skipped");
      return false;
    }
    Entry condition = conditionOf(document);
    if (condition == null || words(condition.text()).stream().anyMatch(this::accepts)) {
      return true;
    }
    if (condition.text().matches(".*[&|()].*")) {
      throw new InvalidOptionException(
          condition.source() + "=" + condition.text() + " is not a list of profiles");
    }
    notices.add(condition.location() + ": the document for profile " + condition.text()
        + " is skipped; active: " + String.join(",", profiles) + " (--spring-profiles)");
    return false;
  }

  private boolean accepts(String profile) {
    return profile.startsWith("!")
        ? !profiles.contains(profile.substring(1))
        : profiles.contains(profile);
  }

  /**
   * Replaces the placeholders of a value by values of the file, of the environment, or defaults.
   *
   * @throws InvalidOptionException if one can't be resolved
   */
  String resolve(Entry entry) {
    String text = entry.text();
    for (int count = 0; count < PLACEHOLDERS_MAX; count++) {
      Matcher placeholder = PLACEHOLDER.matcher(text);
      if (!placeholder.find()) {
        break;
      }
      String value = valueOf(placeholder.group(1).strip(), placeholder.group(2));
      if (value == null) {
        break;
      }
      text = text.substring(0, placeholder.start()) + value + text.substring(placeholder.end());
    }
    if (text.contains("${")) {
      throw new InvalidOptionException(entry.source() + "=" + Option.withoutCredentials(text)
          + " has a placeholder that can't be resolved");
    }
    return text;
  }

  private @Nullable String valueOf(String name, @Nullable String defaultValue) {
    Entry entry = entry(name);
    if (entry != null) {
      return entry.text();
    }
    String variable = name.replace("-", "").replace('.', '_').toUpperCase(Locale.ROOT);
    return environment.getOrDefault(name, environment.getOrDefault(variable, defaultValue));
  }
}
