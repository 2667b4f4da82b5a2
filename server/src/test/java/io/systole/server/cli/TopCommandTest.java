// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopCommandTest {
  private static final String OVERVIEW = "GET /systole/overview";

  private CommandFixture fixture;

  @BeforeEach
  void start() throws IOException {
    fixture = new CommandFixture();
  }

  @AfterEach
  void stop() {
    fixture.close();
  }

  @Test
  void run_once_printsWithoutControlSequences() {
    fixture.columns(100).on(OVERVIEW, StatusCommandTest.overview(""));

    assertThat(fixture.run("top", "--once")).isZero();

    assertThat(fixture.out())
        .contains("  leases             12345 of 67 applications; 3 expired, 2 protected, 5 late\n")
        .contains("  self-preservation  Not active: 24676 renewals in the last minute;")
        .endsWith("""

            APPLICATION  INSTANCES  UP  DOWN  STARTING  OUT  UNKNOWN  EXPIRED  PROTECTED
            ORDERS              10   9     1         0    0        0        2          2
            PAY                  3   3     0         0    0        0        0          0
            """)
        .doesNotContain("\u001b");
  }

  @Test
  void run_applications_areSortedByExpiredThenInstances() {
    fixture.on(OVERVIEW, """
        {'applications': [['A', 1, 1, 0, 0, 0, 0, 0, 0], ['B', 9, 9, 0, 0, 0, 0, 0, 0],
                          ['C', 2, 2, 0, 0, 0, 0, 1, 0], ['\\u001bD', 2, 2, 0, 0, 0, 0, 2, 0]]}
        """);

    assertThat(fixture.run("top", "--once", "--limit", "3")).isZero();

    assertThat(fixture.out().lines().skip(8).map(line -> line.replaceFirst(" .*", "")))
        .containsExactly("\\u001bD", "C", "B", "…");
    assertThat(fixture.out()).endsWith("… 1 more, --limit\n");
  }

  @Test
  void run_withoutTerminal_requiresOnce() {
    assertThat(fixture.run("top")).isEqualTo(2);

    assertThat(fixture.err())
        .isEqualTo("systole: there is no terminal; --once prints the state once\n");
  }

  @Test
  void run_quitKey_restoresTheTerminal() {
    fixture.terminal("xq").on(OVERVIEW, StatusCommandTest.overview(""));

    assertThat(fixture.run("top")).isZero();

    assertThat(fixture.out())
        .startsWith("\u001b[?25l\u001b[?7l\u001b[H\u001b[2J\u001b[H  node ")
        .endsWith("\u001b[J\u001b[?7h\u001b[?25h\n");
    assertThat(fixture.out().lines().count()).isLessThanOrEqualTo(24);
    assertThat(fixture.terminalModes()).containsExactly("unbuffered", "restored");
  }

  @Test
  void run_nodeGone_showsTheReasonAndContinues() {
    fixture.terminal("q").on(OVERVIEW, "no JSON");

    assertThat(fixture.run("top")).isZero();

    assertThat(fixture.out()).contains("the response from URL is not JSON\u001b[K");
  }

  @Test
  void run_refused_restoresTheTerminal() {
    fixture.terminal("").on(OVERVIEW, 401, "");

    assertThat(fixture.run("top")).isEqualTo(1);

    assertThat(fixture.out()).endsWith("\u001b[?7h\u001b[?25h\n");
    assertThat(fixture.terminalModes()).containsExactly("unbuffered", "restored");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "3601", "x"})
  void run_invalidInterval_is2(String interval) {
    assertThat(fixture.run("top", "--interval", interval)).isEqualTo(2);
  }
}
