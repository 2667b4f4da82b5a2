// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cli;

import io.systole.protocol.model.EscapedText;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** The output of a document from the node: as text, or as it is. */
final class DocumentOutput {
  private final Terminal terminal;

  @Option(names = "--json", description = "print the JSON of the node")
  private boolean isJson;

  DocumentOutput(Terminal terminal) {
    this.terminal = terminal;
  }

  boolean isJson() {
    return isJson;
  }

  /**
   * Prints a document, and returns its content.
   *
   * @param text returns the escaped lines of the text
   */
  JsonNode print(NodeClient client, byte[] document, Function<JsonNode, List<String>> text) {
    JsonNode content = client.parse(document);
    terminal.print(isJson ? json(document) : text.apply(content));
    return content;
  }

  /** Returns the lines of JSON; those of a node have nothing left to escape. */
  private static List<String> json(byte[] document) {
    return new String(document, StandardCharsets.UTF_8)
        .lines()
        .map(EscapedText::json)
        .toList();
  }
}
