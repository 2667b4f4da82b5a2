// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.group;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.jgroups.logging.LogFactory;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class JGroupsLogTest {
  private final Logger logger = (Logger) LoggerFactory.getLogger("jgroups-log-test");
  private final ListAppender<ILoggingEvent> events = new ListAppender<>();
  private final JGroupsLog log = new JGroupsLog(logger);

  private List<String> lines() {
    return events.list.stream().map(event -> event.getLevel() + " " + event).toList();
  }

  @Test
  void install_getLog_isThisClass() {
    JGroupsLog.install();

    assertThat(LogFactory.getLog(JGroupsLogTest.class)).isInstanceOf(JGroupsLog.class);
  }

  @Test
  void log_everyLevel_isLoweredAndLimited() {
    logger.setLevel(Level.INFO);
    events.start();
    logger.addAppender(events);

    log.error("%s: failed %d", "member", 1);
    log.error("%s: failed %d", "member", 2);
    log.warn("careful", new IllegalStateException("reason"));
    log.fatal("wrong %d format", "text");
    log.info("information");
    logger.detachAppender(events);

    assertThat(lines())
        .containsExactly(
            "INFO [INFO] member: failed 1",
            "INFO [INFO] careful: java.lang.IllegalStateException: reason",
            "WARN [WARN] wrong %d format");
    assertThat(events.list).allMatch(event -> event.getThrowableProxy() == null);
    assertThat(log.isInfoEnabled()).isFalse();
  }
}
