// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The metrics in the documents are those of a node. */
class MetricsTableTest {
  /** A name within code; names that end with an underscore are patterns. */
  private static final Pattern IN_README = Pattern.compile("`[^`]*?(systole_[a-z_]*[a-z])\\b");

  private static final Pattern IN_METRICS = Pattern.compile("(?m)^(systole_[a-z_]+)");

  @Test
  void metricsOfDocuments_andThoseOfAMemberWithAPeer_areTheSame() throws IOException {
    String readme = Files.readString(Path.of("README.md"));
    String table =
        readme.substring(readme.indexOf("### Metrics"), readme.indexOf("### Tested clients"));
    List<Integer> ports = EmbeddedMember.ports(2);
    Map<String, String> options = new HashMap<>(EmbeddedMember.options(ports, 1));
    options.put("--peers", "http://127.0.0.1:1/eureka");
    try (EmbeddedMember member = EmbeddedMember.start(ports, 0);
        LiveNode node = LiveNode.start(options)) {
      assertThat(member.server.registry().leaseCount()).isZero();
      // Those of a peer are added one by one once its address is known.
      await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
        Set<String> published = published(node);

        assertThat(names(IN_README, table)).containsExactlyInAnyOrderElementsOf(published);
        assertThat(published).containsAll(names(IN_README, readme + pagesBesideReadme()));
      });
    }
  }

  private static Set<String> published(LiveNode node) throws IOException {
    String request = "GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n";
    String text = node.exchange(request.getBytes(StandardCharsets.US_ASCII)).text();
    return names(IN_METRICS, text).stream()
        .map(name -> name.replaceAll("_seconds_(bucket|count|sum|max)$", "_seconds"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String pagesBesideReadme() throws IOException {
    StringBuilder text = new StringBuilder();
    try (DirectoryStream<Path> pages = Files.newDirectoryStream(Path.of("docs"), "*.md")) {
      for (Path page : pages) {
        text.append(Files.readString(page));
      }
    }
    return text.toString();
  }

  private static Set<String> names(Pattern pattern, String text) {
    return pattern
        .matcher(text)
        .results()
        .map((MatchResult found) -> found.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
