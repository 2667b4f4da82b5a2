// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The snippets of the README compile, and its API is what the module exports. */
class ReadmeTest {
  private static final Path README = Path.of("README.md");
  private static final Pattern API_ROW = Pattern.compile("(?m)^\\| `(io\\.systole\\.[a-z.]+)` \\|");

  private static final String IMPORTS = """
      import io.systole.client.*;
      import io.systole.client.api.*;
      import io.systole.client.mirror.*;
      import io.systole.protocol.model.*;
      import java.net.URI;
      import java.nio.file.Path;
      import java.time.Duration;
      import java.util.*;
      """;

  private static final String MEMBERS = """
      Registration registration;
      URI first;
      URI second;
      """;

  @Test
  void snippets_compile(@TempDir Path classes) throws IOException {
    Snippets snippets = Snippets.of(README);

    assertThat(snippets.count()).isGreaterThanOrEqualTo(4);
    assertThat(snippets.programCount()).isEqualTo(1);
    assertThat(snippets.compile(IMPORTS, MEMBERS, classes)).isEmpty();
  }

  @Test
  void apiTable_listsTheExportedPackages() throws IOException {
    assertThat(API_ROW.matcher(Files.readString(README)).results().map(row -> row.group(1)))
        .containsExactlyInAnyOrderElementsOf(ClientModule.exportedPackages());
  }
}
