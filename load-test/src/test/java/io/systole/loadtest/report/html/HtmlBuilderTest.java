// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report.html;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class HtmlBuilderTest {
  @Test
  void escaped_specialCharacters_areReplaced() {
    assertThat(HtmlBuilder.escaped("<a href=\"x\">'&amp;'</a>"))
        .isEqualTo("&lt;a href=&quot;x&quot;&gt;&#39;&amp;amp;&#39;&lt;/a&gt;");
  }

  @Test
  void table_cellsWithMarkup_areText() {
    String html = new HtmlBuilder()
        .table("words", "<caption>", List.of("<head>", "b"), List.of(List.of("<row>", "<cell>")))
        .toString();

    assertThat(html)
        .contains("aria-label=\"&lt;caption&gt;\"", "<caption>&lt;caption&gt;</caption>")
        .contains("<th scope=\"col\">&lt;head&gt;</th>")
        .contains("<th scope=\"row\">&lt;row&gt;</th><td>&lt;cell&gt;</td>");
  }
}
