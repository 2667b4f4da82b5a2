// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code evict}, {@code extend} and {@code override}. */
class LeaseActionTest {
  private CommandFixture fixture;

  @BeforeEach
  void start() throws IOException {
    fixture = new CommandFixture();
  }

  @AfterEach
  void stop() {
    fixture.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"evict A", "evict A a-1", "override A UP", "override A --remove"})
  void run_withoutTerminal_requiresYes(String command) {
    assertThat(fixture.run(command.split(" ", -1))).isEqualTo(2);

    assertThat(fixture.err()).isEqualTo("systole: there is no terminal to confirm on; add --yes\n");
    assertThat(fixture.requests()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"\n", "n\n", "", "yesterday\n", "y"})
  void evict_terminal_isConfirmed(String answer) {
    fixture.terminal(answer).on("POST /systole/evict/A/a-1", 204, "");
    boolean isConfirmed = answer.equals("y");

    assertThat(fixture.run("evict", "A", "a-1")).isEqualTo(isConfirmed ? 0 : 1);

    assertThat(fixture.err()).startsWith("Evict the lease of A a-1 at URL? [y/N] ");
    assertThat(fixture.requests()).hasSize(isConfirmed ? 1 : 0);
  }

  @Test
  void evict_longAnswer_isNoConfirmation() {
    fixture.terminal("y" + " ".repeat(100) + "\n").on("POST /systole/evict/A/a-1", 204, "");

    assertThat(fixture.run("evict", "A", "a-1")).isEqualTo(1);
    assertThat(fixture.requests()).isEmpty();
  }

  @Test
  void evict_application_printsTheSentenceOfTheNode() {
    fixture.on("POST /systole/evict/A", """
        {'app': 'A', 'action': 'evict', 'done': 3, 'summary': '3 leases of A were \\u0007evicted.'}
        """);

    assertThat(fixture.run("evict", "A", "--yes")).isZero();
    assertThat(fixture.out()).isEqualTo("3 leases of A were \\u0007evicted.\n");
  }

  @Test
  void evict_hostileName_isEscapedInTheQuestion() {
    fixture.terminal("n\n");

    assertThat(fixture.run("evict", "A\u001b[2J\u202e")).isEqualTo(1);
    assertThat(fixture.err()).startsWith("Evict all leases of A\\u001b[2J\\u202e at URL? [y/N] ");
  }

  @Test
  void extend_unknownInstance_is1() {
    fixture.on(
        "POST /systole/extend/A/a-1", 404, "{'reason': 'There is no lease for this instance.'}");

    assertThat(fixture.run("extend", "A", "a-1")).isEqualTo(1);
    assertThat(fixture.err()).isEqualTo("systole: There is no lease for this instance.\n");
  }

  @Test
  void extend_instance_needsNoConfirmation() {
    fixture.on("POST /systole/extend/A/a-1", 204, "");

    assertThat(fixture.run("extend", "A", "a-1")).isZero();
    assertThat(fixture.out()).isEqualTo("done\n");
    assertThat(fixture.run("extend", "A", "a-1", "--json")).isZero();
    assertThat(fixture.out()).isEmpty();
  }

  @Test
  void override_forms_areRequests() {
    fixture
        .on("PUT /systole/override/A/a-1?value=OUT_OF_SERVICE", 204, "")
        .on("DELETE /systole/override/A/a-1", 204, "")
        .on("PUT /systole/override/A?value=DOWN", "{'summary': 'All of A.'}")
        .on("DELETE /systole/override/A", "{'summary': 'None of A.'}");

    assertThat(fixture.run("override", "A", "a-1", "OUT_OF_SERVICE", "--yes")).isZero();
    assertThat(fixture.run("override", "A", "a-1", "--remove", "--yes")).isZero();
    assertThat(fixture.run("override", "A", "DOWN", "--yes")).isZero();
    assertThat(fixture.out()).isEqualTo("All of A.\n");
    assertThat(fixture.run("override", "A", "--remove", "--yes")).isZero();
    assertThat(fixture.out()).isEqualTo("None of A.\n");
  }

  @Test
  void override_forgottenStatus_is2() {
    assertThat(fixture.run("override", "A", "a-1", "--yes")).isEqualTo(2);
    assertThat(fixture.err())
        .isEqualTo("systole: the status a-1 is not one of UP, DOWN, STARTING, OUT_OF_SERVICE,"
            + " UNKNOWN\n");
    assertThat(fixture.run("override", "A", "--yes")).isEqualTo(2);
    assertThat(fixture.run("override", "A", "a-1", "UP", "--remove", "--yes")).isEqualTo(2);
    assertThat(fixture.requests()).isEmpty();
  }
}
