// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The Markdown documents of the repository: links within it resolve, and Java code is compiled. */
class DocumentsTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final LinkedDocuments DOCUMENTS = new LinkedDocuments(ROOT);
  private static final Pattern JAVA_FENCE = Pattern.compile("(?m)^ *```java\\b");

  @Test
  void relativeLinks_ofEveryDocument_resolve() throws IOException {
    assertThat(DOCUMENTS.brokenLinks()).isEmpty();
    assertThat(DOCUMENTS.linkCount()).isGreaterThan(50);
    assertThat(DOCUMENTS.all()).hasSizeGreaterThan(10);
  }

  /** The client's {@code ReadmeTest} compiles the snippets of its README. */
  @Test
  void javaSnippets_areOnlyInDocumentsWhoseTestCompilesThem() throws IOException {
    Set<String> withSnippets = new TreeSet<>();
    for (Path document : DOCUMENTS.all()) {
      if (JAVA_FENCE.matcher(Files.readString(document)).find()) {
        withSnippets.add(ROOT.relativize(document).toString().replace('\\', '/'));
      }
    }

    assertThat(withSnippets).containsExactly("client/README.md");
  }

  @Test
  void anchorsOf_headings_areThoseOfGitHub() {
    assertThat(LinkedDocuments.anchorsOf("""
            # Systole server
            ## `GET /health`, and *more*
            > ## Status and limits
            ```
            # not a heading
            ```
            ## Memory
            ## Memory
            """))
        .containsExactlyInAnyOrder(
            "systole-server", "get-health-and-more", "status-and-limits", "memory", "memory-1");
  }
}
