// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.channel.embedded.EmbeddedChannel;
import io.systole.server.metrics.Counters;
import io.systole.server.time.ManualClock;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class AcceptFailuresTest {
  private final Counters counters = new Counters();
  private final ManualClock clock = new ManualClock();
  private final AcceptFailures failures = new AcceptFailures(counters, clock);
  private final EmbeddedChannel listener = new EmbeddedChannel(failures);
  private final Logger logger = (Logger) LoggerFactory.getLogger(AcceptFailures.class);
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();

  @BeforeEach
  void listen() {
    log.start();
    logger.addAppender(log);
  }

  @AfterEach
  void stop() {
    logger.detachAppender(log);
    listener.finishAndReleaseAll();
  }

  private void fail() {
    listener.pipeline().fireExceptionCaught(new IOException("accept: Too many open files"));
  }

  @Test
  void exceptionCaught_manyInARow_countsEachAndLogsOnce() {
    for (int second = 0; second < 60; second++) {
      fail();
      clock.advanceMs(1_000);
    }

    listener.checkException();
    assertThat(counters.acceptFailures()).isEqualTo(60);
    assertThat(log.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly("accepts are failing: accept: Too many open files; open=0");
  }

  @Test
  void accepted_alternatingFailures_logsNoRecovery() {
    for (int second = 0; second < 60; second++) {
      fail();
      clock.advanceMs(1_000);
      failures.accepted();
    }

    assertThat(log.list).hasSize(1);
  }

  @Test
  void accepted_noFailureForAWhile_logsRecoveryOnceAndTheNextFailureAgain() {
    fail();
    clock.advanceMs(10_001);

    failures.accepted();
    failures.accepted();
    fail();

    assertThat(log.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly(
            "accepts are failing: accept: Too many open files; open=0",
            "connections are accepted again open=0",
            "accepts are failing: accept: Too many open files; open=0");
  }
}
