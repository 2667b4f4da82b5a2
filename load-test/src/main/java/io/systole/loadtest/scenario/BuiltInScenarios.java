// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.systole.loadtest.scenario.ScenarioArguments.RestartCommands;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A reader of scenario files and of the built-in scenarios. */
public final class BuiltInScenarios {
  /** In the order of the documentation. */
  static final List<String> NAMES = List.of(
      "steady",
      "deployment-wave",
      "node-restart",
      "reregister-storm",
      "silent-death",
      "flapping",
      "mixed-reads",
      "large-application",
      "slow-connections",
      "peers",
      "cluster");

  private static final String SUFFIX = ".yaml";

  /** Placeholder commands, for a scenario that is only listed. */
  private static final RestartCommands NO_OP = new RestartCommands("true", "true", "true");

  private BuiltInScenarios() {}

  /** Returns the descriptions of the built-in scenarios by name. */
  public static Map<String, String> list() {
    Map<String, String> list = new LinkedHashMap<>();
    for (String name : NAMES) {
      YamlNode root = read(name);
      list.put(name, ScenarioReader.read(root, false, List.of(), NO_OP).about());
    }
    return list;
  }

  /**
   * Reads a scenario.
   *
   * @param file a path, or the name of a built-in scenario if there is no such file
   * @throws ScenarioParseException if there is no such scenario, or it is not readable
   */
  static YamlNode read(String file) {
    try {
      Path path = Path.of(file);
      if (NAMES.contains(file) && !Files.isRegularFile(path)) {
        return YamlParser.read(file + SUFFIX, builtIn(file + SUFFIX));
      }
      return YamlParser.read(file, Files.readString(path));
    } catch (NoSuchFileException e) {
      throw new ScenarioParseException(
          file + ": no such file, and no built-in scenario of that name; built-in scenarios: "
              + String.join(", ", NAMES));
    } catch (CharacterCodingException e) {
      throw new ScenarioParseException(file + ": not valid UTF-8");
    } catch (IOException e) {
      throw new ScenarioParseException(file + ": cannot be read: " + e.getMessage());
    }
  }

  private static String builtIn(String name) throws IOException {
    try (InputStream text = BuiltInScenarios.class.getResourceAsStream(name)) {
      if (text == null) {
        throw new IllegalStateException("this build lacks the scenario " + name);
      }
      return new String(text.readAllBytes(), UTF_8);
    }
  }
}
