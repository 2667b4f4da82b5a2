// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The Markdown documents of the repository: links within it resolve, and Java code is compiled. */
class DocumentsTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  /** Not part of the sources. */
  private static final Set<String> SKIPPED = Set.of("target", "node_modules", ".git");

  private static final Pattern FENCED = Pattern.compile("(?ms)^ *```.*?^ *```$");
  private static final Pattern CODE = Pattern.compile("`[^`\\n]*`");
  private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");
  private static final Pattern SCHEME = Pattern.compile("(?i)^[a-z][a-z0-9+.-]*:.*");
  private static final Pattern HEADING = Pattern.compile("(?m)^(?:> )?#{1,6} (.+)$");
  private static final Pattern JAVA_FENCE = Pattern.compile("(?m)^ *```java\\b");

  @Test
  void relativeLinks_ofEveryDocument_resolve() throws IOException {
    List<String> broken = new ArrayList<>();
    int checked = 0;
    for (Path document : documents()) {
      for (String link : linksOf(Files.readString(document))) {
        checked++;
        if (!resolves(document, link)) {
          broken.add(ROOT.relativize(document) + ": " + link);
        }
      }
    }

    assertThat(broken).isEmpty();
    assertThat(checked).isGreaterThan(50);
  }

  /** The client's {@code ReadmeTest} compiles the snippets of its README. */
  @Test
  void javaSnippets_areOnlyInDocumentsWhoseTestCompilesThem() throws IOException {
    Set<String> withSnippets = new TreeSet<>();
    for (Path document : documents()) {
      if (JAVA_FENCE.matcher(Files.readString(document)).find()) {
        withSnippets.add(ROOT.relativize(document).toString().replace('\\', '/'));
      }
    }

    assertThat(withSnippets).containsExactly("client/README.md");
  }

  @Test
  void anchorsOf_headings_areThoseOfGitHub() {
    assertThat(anchorsOf("""
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

  private static List<Path> documents() throws IOException {
    List<Path> documents = new ArrayList<>();
    Files.walkFileTree(ROOT, new SimpleFileVisitor<>() {
      @Override
      public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
        boolean isSkipped = SKIPPED.contains(directory.getFileName().toString());
        return isSkipped ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
      }

      @Override
      public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
        if (file.toString().endsWith(".md")) {
          documents.add(file);
        }
        return FileVisitResult.CONTINUE;
      }
    });
    assertThat(documents).hasSizeGreaterThan(10);
    return documents;
  }

  /** Returns the targets of links without a scheme. */
  private static List<String> linksOf(String markdown) {
    String prose = CODE.matcher(FENCED.matcher(markdown).replaceAll("")).replaceAll("");
    return LINK.matcher(prose)
        .results()
        .map((MatchResult found) -> found.group(1))
        .filter(link -> !SCHEME.matcher(link).matches())
        .toList();
  }

  private static boolean resolves(Path document, String link) throws IOException {
    URI uri = URI.create(link);
    String path = uri.getPath();
    Path target = path.isEmpty() ? document : document.resolveSibling(path).normalize();
    if (!target.startsWith(ROOT) || !Files.exists(target)) {
      return false;
    }
    String anchor = uri.getFragment();
    return anchor == null || anchorsOf(Files.readString(target)).contains(anchor);
  }

  /** Returns the anchors that GitHub gives to headings. */
  private static Set<String> anchorsOf(String markdown) {
    Set<String> anchors = new TreeSet<>();
    Map<String, Integer> counts = new HashMap<>();
    Matcher heading = HEADING.matcher(FENCED.matcher(markdown).replaceAll(""));
    while (heading.find()) {
      String anchor = heading
          .group(1)
          .strip()
          .toLowerCase(Locale.ROOT)
          .replaceAll("[^\\p{L}\\p{N}\\p{M}_ -]", "")
          .replace(' ', '-');
      int earlier = counts.merge(anchor, 1, Integer::sum) - 1;
      anchors.add(earlier == 0 ? anchor : anchor + "-" + earlier);
    }
    return anchors;
  }
}
