// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.springframework.security.crypto.bcrypt.BCrypt;

/** The lines of the log on the actions of operators. */
class OperatorLogTest {
  private static final String PASSWORD = "correct-horse";

  private final Logger logger = (Logger) LoggerFactory.getLogger("io.systole.server");
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final List<String> templates = new CopyOnWriteArrayList<>();
  private final ListAppender<ILoggingEvent> log = new ListAppender<>() {
    @Override
    protected void append(ILoggingEvent event) {
      lines.add(event.getFormattedMessage());
      if (event.getMessage().startsWith("operator action=")) {
        templates.add(event.getMessage());
      }
    }
  };

  @BeforeEach
  void recordLog() {
    log.start();
    logger.addAppender(log);
  }

  @AfterEach
  void detachLog() {
    logger.detachAppender(log);
  }

  private static int status(SecuredNode node, String fields, String line) throws IOException {
    return node.exchange(line + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n").status();
  }

  private List<String> actions() {
    return lines.stream()
        .filter(line -> line.startsWith("operator action="))
        .map(line -> line.replaceAll(" from=127\\.0\\.0\\.1:\\d+$", " from=127.0.0.1"))
        .toList();
  }

  /** Regression: behind a load balancer nothing showed whose action it was. */
  @Test
  void actions_withCredentials_nameThePrincipal(@TempDir Path folder) throws IOException {
    // The lowest cost: a test is not attacked.
    String hash = BCrypt.hashpw(PASSWORD, BCrypt.gensalt("$2b", 4));
    Path file = folder.resolve("credentials");
    Files.writeString(file, "user oncall " + hash + " roles=manage,register\n");
    String pair = Base64.getEncoder().encodeToString(("oncall:" + PASSWORD).getBytes(UTF_8));
    String fields = "Authorization: Basic " + pair + "\r\n";
    Map<String, String> options =
        Map.of("--credentials-file", file.toString(), "--simulation", "true");
    try (SecuredNode node = SecuredNode.start(options)) {
      assertThat(status(node, fields, "PUT /v2/apps/PAY/i/status?value=DOWN")).isEqualTo(200);
      assertThat(status(node, fields, "POST /systole/extend/BILL/i")).isEqualTo(204);
      assertThat(status(node, fields, "POST /systole/evict/BILL/none")).isEqualTo(404);
      String simulation = "Content-Length: 2\r\nContent-Type: application/json\r\n\r\n{}";
      assertThat(status(node, fields + simulation, "POST /systole/simulate")).isEqualTo(200);
    }

    assertThat(actions())
        .containsExactly(
            "operator action=set_override app=PAY id=i status=DOWN outcome=done principal=oncall"
                + " from=127.0.0.1",
            "operator action=extend app=BILL id=i outcome=done principal=oncall from=127.0.0.1",
            "operator action=evict app=BILL id=none outcome=no_lease principal=oncall"
                + " from=127.0.0.1",
            "operator action=simulate outcome=done evicted=0 leases=2 runs=1 principal=oncall"
                + " from=127.0.0.1");
  }

  @Test
  void actions_onAnApplication_areOneLineEach() throws IOException {
    try (SecuredNode node = SecuredNode.start(Map.of())) {
      assertThat(status(node, "", "PUT /systole/override/BILL?value=DOWN")).isEqualTo(200);
      assertThat(status(node, "", "POST /systole/evict/BILL")).isEqualTo(200);
      assertThat(status(node, "", "POST /systole/evict/%1b%5b2J")).isEqualTo(404);
      assertThat(status(node, "", "PUT /systole/override/PAY/i?value=DOWN")).isEqualTo(204);
    }

    assertThat(actions())
        .containsExactly(
            "operator action=set_override app=BILL status=DOWN outcome=done count=1 left=0"
                + " principal=- from=127.0.0.1",
            "operator action=evict app=BILL outcome=done count=1 left=0 principal=-"
                + " from=127.0.0.1",
            "operator action=evict app=\\u001b[2J outcome=no_lease count=0 left=0 principal=-"
                + " from=127.0.0.1",
            "operator action=set_override app=PAY id=i status=DOWN outcome=done principal=-"
                + " from=127.0.0.1");
  }

  /** Regression: a literal in the template of a line is no member of the line in JSON. */
  @Test
  void actions_eachPair_hasAPlaceholder() throws IOException {
    try (SecuredNode node = SecuredNode.start(Map.of())) {
      assertThat(status(node, "", "PUT /systole/override/PAY/i?value=DOWN")).isEqualTo(204);
      assertThat(status(node, "", "PUT /systole/override/PAY?value=UP")).isEqualTo(200);
      assertThat(
              status(
                  node,
                  "",
                  "PUT /systole/log-level?level=info&logger=io.systole.server.management.LogLevelEndpoint"))
          .isEqualTo(204);
    }

    assertThat(templates)
        .hasSizeGreaterThanOrEqualTo(3)
        .allSatisfy(template -> assertThat(template).doesNotContainPattern("=[^{]"));
  }

  @Test
  void actions_withoutCredentials_haveNoPrincipal() throws IOException {
    try (SecuredNode node = SecuredNode.start(Map.of())) {
      assertThat(status(node, "", "POST /systole/evict/BILL/i")).isEqualTo(204);
    }

    assertThat(actions())
        .containsExactly(
            "operator action=evict app=BILL id=i outcome=done principal=- from=127.0.0.1");
  }
}
