// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Where the text of scenarios comes from: a file, or those that the tool brings along. */
public final class BuiltInScenarios {
  /** In the order of reading. */
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
      "peers");

  private static final String SUFFIX = ".yaml";

  /** For a look at a scenario that is not going to be played. */
  private static final RestartCommands NONE_GIVEN = new RestartCommands("true", "true");

  private BuiltInScenarios() {}

  /** Returns what each shipped scenario shows, by its name. */
  public static Map<String, String> list() {
    Map<String, String> list = new LinkedHashMap<>();
    for (String name : NAMES) {
      YamlNode root = read(name);
      list.put(name, ScenarioReader.read(root, false, List.of(), NONE_GIVEN).about());
    }
    return list;
  }

  /**
   * Reads a scenario.
   *
   * @param file a bare name is that of a shipped one, unless there is such a file
   * @throws ScenarioParseException when there is none
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
          file + ": there is no such file, and no shipped scenario of that name;" + " shipped are "
              + String.join(", ", NAMES));
    } catch (CharacterCodingException e) {
      throw new ScenarioParseException(file + ": is not text in UTF-8");
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
