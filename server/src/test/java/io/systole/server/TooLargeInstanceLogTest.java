// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** A 413 has no body, so the log must name the instance. */
class TooLargeInstanceLogTest {
  private static final String BIG = "v".repeat(5_000);

  @Test
  void registrationOrMetadata_tooLarge_isLoggedWithTheInstance() throws IOException {
    Logger logger = (Logger) LoggerFactory.getLogger("io.systole.server.endpoint");
    Level level = logger.getLevel();
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    logger.setLevel(Level.DEBUG);
    logger.addAppender(log);
    try (SecuredNode node = SecuredNode.start(Map.of("--max-instance-size", "4KiB"))) {
      String body = "{\"instance\":{\"instanceId\":\"j\",\"hostName\":\"h\",\"app\":\"PAY\","
          + "\"ipAddr\":\"10.0.0.1\",\"status\":\"UP\",\"dataCenterInfo\":{\"name\":\"MyOwn\"},"
          + "\"metadata\":{\"k\":\"" + BIG + "\"}}}";
      String register = "POST /v2/apps/PAY HTTP/1.1\r\nHost: a\r\nContent-Type: application/json"
          + "\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
      String update = "PUT /v2/apps/BILL/i/metadata?k=" + BIG + " HTTP/1.1\r\nHost: a\r\n\r\n";

      assertThat(node.exchange(register).status()).isEqualTo(413);
      assertThat(node.exchange(update).status()).isEqualTo(413);

      List<String> logged =
          log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
      assertThat(logged)
          .anySatisfy(line -> assertThat(line).contains("too large", "app=PAY", "id=j"))
          .anySatisfy(line -> assertThat(line).contains("too large", "app=BILL", "id=i"));
    } finally {
      logger.detachAppender(log);
      logger.setLevel(level);
    }
  }
}
