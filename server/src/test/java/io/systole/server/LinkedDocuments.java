// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

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

/** The Markdown documents of a folder and the links between its files. */
final class LinkedDocuments {
  /** Not part of the sources. */
  private static final Set<String> SKIPPED = Set.of("target", "node_modules", ".git");

  private static final Pattern FENCED = Pattern.compile("(?ms)^ *```.*?^ *```$");
  private static final Pattern CODE = Pattern.compile("`[^`\\n]*`");
  private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");
  private static final Pattern SCHEME = Pattern.compile("(?i)^[a-z][a-z0-9+.-]*:.*");
  private static final Pattern HEADING = Pattern.compile("(?m)^(?:> )?#{1,6} (.+)$");

  private final Path root;

  LinkedDocuments(Path root) {
    this.root = root.toAbsolutePath().normalize();
  }

  /** Returns the documents in all folders. */
  List<Path> all() throws IOException {
    List<Path> documents = new ArrayList<>();
    Files.walkFileTree(root, new SimpleFileVisitor<>() {
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
    return documents;
  }

  /** Returns the links of all documents that lead to no file or heading within the folder. */
  List<String> brokenLinks() throws IOException {
    List<String> broken = new ArrayList<>();
    for (Path document : all()) {
      for (String link : linksOf(Files.readString(document))) {
        if (!resolves(document, link)) {
          broken.add(root.relativize(document) + ": " + link);
        }
      }
    }
    return broken;
  }

  /** Returns the number of links in all documents. */
  int linkCount() throws IOException {
    int count = 0;
    for (Path document : all()) {
      count += linksOf(Files.readString(document)).size();
    }
    return count;
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

  private boolean resolves(Path document, String link) throws IOException {
    URI uri = URI.create(link);
    String path = uri.getPath();
    Path target = path.isEmpty() ? document : document.resolveSibling(path).normalize();
    if (!target.startsWith(root) || !Files.exists(target)) {
      return false;
    }
    String anchor = uri.getFragment();
    return anchor == null || anchorsOf(Files.readString(target)).contains(anchor);
  }

  /** Returns the anchors that GitHub gives to headings. */
  static Set<String> anchorsOf(String markdown) {
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
