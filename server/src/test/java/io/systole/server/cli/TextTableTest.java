// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cli;

import static io.systole.server.cli.TextTable.cut;
import static io.systole.server.cli.TextTable.fixed;
import static io.systole.server.cli.TextTable.number;
import static io.systole.server.cli.TextTable.optional;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class TextTableTest {
  @Test
  void lines_wideCharacters_areAligned() {
    TextTable table = new TextTable(cut("ID"), fixed("X"));
    table.add("日本", "1");
    table.add("e\u0301e", "2");
    table.add("", "3");

    assertThat(table.lines(80)).containsExactly("ID    X", "日本  1", "e\u0301e    2", "-     3");
  }

  @Test
  void lines_tooNarrow_leavesOutOptionalThenCutsTheWidest() {
    TextTable table = new TextTable(cut("A"), optional("B"), number("C"), cut("D"));
    table.add("a".repeat(20), "b".repeat(5), "1234", "d".repeat(15));

    assertThat(table.lines(50).get(1)).hasSize(50).endsWith("d");
    assertThat(table.lines(49).get(1)).isEqualTo("a".repeat(20) + "  1234  " + "d".repeat(15));
    assertThat(table.lines(30).get(1))
        .isEqualTo("a".repeat(10) + "…  1234  " + "d".repeat(10) + "…");
    assertThat(table.lines(1).get(1)).isEqualTo("a".repeat(7) + "…  1234  " + "d".repeat(7) + "…");
  }

  @Test
  void lines_unlimitedWidth_isLimitedByColumn() {
    TextTable table = new TextTable(cut("A"));
    table.add("a".repeat(10_000));

    assertThat(table.lines(Integer.MAX_VALUE).get(1))
        .hasSize(TextTable.COLUMN_WIDTH_MAX)
        .endsWith("a…");
  }

  @Test
  void lines_cutBeforeWideCharacter_staysWithinTheWidth() {
    TextTable table = new TextTable(cut("A"));
    table.add("日本日本日本");

    assertThat(table.lines(8).get(1)).isEqualTo("日本日…");
  }

  @Test
  void add_controlAndBidiCharacters_areEscaped() {
    TextTable table = new TextTable(cut("A"));
    table.add("\u001b[2J\u202e\u2066\n\r\u009b\u200b");

    assertThat(table.lines(200).get(1))
        .isEqualTo("\\u001b[2J\\u202e\\u2066\\u000a\\u000d\\u009b\\u200b");
  }

  @Test
  void add_wrongNumberOfCells_isADefect() {
    assertThatIllegalArgumentException().isThrownBy(() -> new TextTable(cut("A")).add("1", "2"));
  }
}
