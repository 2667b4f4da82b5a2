// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report.html;

import java.util.List;

/** A builder of HTML. Markup is literal in this package; all text from reports is escaped. */
final class HtmlBuilder {
  private final StringBuilder html = new StringBuilder();

  /** Appends markup as is; for constants only. */
  HtmlBuilder markup(String constant) {
    html.append(constant);
    return this;
  }

  /** Appends escaped text, within an element or a quoted attribute. */
  HtmlBuilder text(String anything) {
    html.append(escaped(anything));
    return this;
  }

  /** Appends {@code <name>text</name>} and a newline. */
  HtmlBuilder element(String name, String text) {
    return markup("<").markup(name).markup(">").text(text).markup("</" + name + ">\n");
  }

  /**
   * Appends a table that scrolls if it is wider than the page.
   *
   * @param kind CSS class: {@code figures} align right, {@code words} left
   * @param rows the first cell of each is its header
   */
  HtmlBuilder table(String kind, String caption, List<String> head, List<List<String>> rows) {
    markup("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"").text(caption);
    markup("\"><table class=\"" + kind + "\">\n").element("caption", caption).markup("<thead><tr>");
    head.forEach(cell -> markup("<th scope=\"col\">").text(cell).markup("</th>"));
    markup("</tr></thead>\n<tbody>\n");
    rows.forEach(this::row);
    return markup("</tbody></table></div>\n");
  }

  private void row(List<String> cells) {
    markup("<tr><th scope=\"row\">").text(cells.get(0)).markup("</th>");
    cells.subList(1, cells.size()).forEach(cell -> markup("<td>").text(cell).markup("</td>"));
    markup("</tr>\n");
  }

  @Override
  public String toString() {
    return html.toString();
  }

  /**
   * Returns text that is safe within an element and within an attribute in either kind of quotes.
   */
  static String escaped(String anything) {
    var escaped = new StringBuilder(anything.length());
    for (int i = 0; i < anything.length(); i++) {
      char c = anything.charAt(i);
      switch (c) {
        case '&' -> escaped.append("&amp;");
        case '<' -> escaped.append("&lt;");
        case '>' -> escaped.append("&gt;");
        case '"' -> escaped.append("&quot;");
        case '\'' -> escaped.append("&#39;");
        default -> escaped.append(c);
      }
    }
    return escaped.toString();
  }
}
