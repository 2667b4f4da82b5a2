// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.loadtest.scenario.ScenarioArguments.RestartCommands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BuiltInScenariosTest {
  @Test
  void names_filesOfTheFolder_areTheSame() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("scenarios"))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(
              BuiltInScenarios.NAMES.stream().map(name -> name + ".yaml").toList());
    }
  }

  @Test
  void list_eachOne_isNamedAsItsFileAndDescribed() {
    assertThat(BuiltInScenarios.list())
        .hasSize(BuiltInScenarios.NAMES.size())
        .allSatisfy((name, about) -> {
          Scenario scenario = shortForm(name);
          assertThat(scenario.name()).isEqualTo(name);
          assertThat(about).hasSizeBetween(20, 90);
        });
  }

  @Test
  void read_shortForms_takeSecondsAndExpectThatAllAreKept() {
    assertThat(BuiltInScenarios.NAMES).allSatisfy(name -> {
      Scenario scenario = shortForm(name);
      assertThat(scenario.warmupMs() + scenario.durationMs()).isLessThanOrEqualTo(11_000);
      assertThat(scenario.expectations())
          .extracting(MetricExpectation::text)
          .contains("kept = 100%", "strays = 0");
    });
  }

  @Test
  void read_eachAction_isUsedByABuiltInScenario() {
    Set<Class<?>> used = new HashSet<>();
    for (String name : BuiltInScenarios.NAMES) {
      Scenario scenario = shortForm(name);
      scenario.events().forEach(event -> used.add(event.action().getClass()));
      if (scenario.readers() != null) {
        used.add(ScenarioAction.ReaderPlan.class);
      }
    }

    assertThat(used).containsExactlyInAnyOrder(ScenarioAction.class.getPermittedSubclasses());
  }

  @Test
  void read_fileOfThatName_takesPrecedence(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("steady"), "name: mine\n");

    assertThat(BuiltInScenarios.read(file.toString())).isInstanceOf(YamlNode.Mapping.class);
  }

  @Test
  void read_noSuchFile_listsThoseBuiltIn() {
    assertThatThrownBy(() -> BuiltInScenarios.read("no-such"))
        .isInstanceOf(ScenarioParseException.class)
        .hasMessageStartingWith("no-such: no such file")
        .hasMessageContaining("steady, deployment-wave");
  }

  private static Scenario shortForm(String name) {
    return ScenarioReader.read(
        BuiltInScenarios.read(name), true, List.of(), new RestartCommands("true", "true", "true"));
  }
}
