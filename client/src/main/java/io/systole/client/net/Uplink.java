// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import io.netty.channel.EventLoop;
import io.systole.client.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One event loop's way to its server: the lines, and what became of them. On that event loop. */
public final class Uplink {
  private static final Logger log = LoggerFactory.getLogger(Uplink.class);

  /** Time-outs are looked for this often within one time-out. */
  private static final int LOOKS_PER_TIMEOUT = 8;

  private final EventLoop loop;
  private final Clock clock;
  private final Answers answers;
  private final long lookEveryMs;
  private final List<Line> lines = new ArrayList<>();

  private int linesOpen;

  /** It has answered since it was last lost; merely accepting connections does not count. */
  private boolean isReached;

  private String lastLoss = "";
  private @Nullable Future<?> looks;

  /** Makes one with lines that are not opened yet. */
  public Uplink(
      EventLoop loop,
      Transport transport,
      ServerAddress server,
      LineSettings settings,
      int connections,
      Clock clock,
      Answers answers,
      long seed) {
    this.loop = loop;
    this.clock = clock;
    this.answers = answers;
    this.lookEveryMs = Math.max(1, settings.answerTimeoutMs() / LOOKS_PER_TIMEOUT);
    byte[] scratch = Line.scratch(settings);
    var random = new SplittableRandom(seed);
    for (int index = 0; index < connections; index++) {
      lines.add(new Line(
          loop, transport, server.unresolved(), settings, clock, answers, this, scratch, random));
    }
  }

  /** Begins to connect. */
  public void open() {
    lines.forEach(Line::open);
    looks = loop.scheduleAtFixedRate(this::expire, lookEveryMs, lookEveryMs, TimeUnit.MILLISECONDS);
  }

  /** Closes its connections for good. */
  public void close() {
    isReached = false;
    if (looks != null) {
      looks.cancel(false);
    }
    lines.forEach(Line::close);
  }

  /** Returns the places of its connections, open or not. */
  public List<Line> lines() {
    return lines;
  }

  /** Returns how many connections are open. */
  public int linesOpen() {
    return linesOpen;
  }

  /** Returns how many requests were sent and not answered. */
  public int inFlight() {
    int inFlight = 0;
    for (Line line : lines) {
      Connection connection = line.connection();
      inFlight += connection == null ? 0 : connection.inFlight();
    }
    return inFlight;
  }

  /** Returns why a connection last ended or could not be opened; empty when none did. */
  public String lastLoss() {
    return lastLoss;
  }

  private void expire() {
    long nowNs = clock.monotonicNs();
    lines.forEach(line -> line.expire(nowNs));
  }

  void opened(Connection connection) {
    linesOpen++;
    answers.opened(connection);
  }

  void cycleEnded(Connection connection, int bytesReceived) {
    if (!isReached) {
      isReached = true;
      log.info("server answers connections={}", linesOpen);
    }
    answers.cycleEnded(connection, bytesReceived);
  }

  void closed(String cause, boolean wasOpen) {
    lastLoss = cause;
    linesOpen -= wasOpen ? 1 : 0;
    if (linesOpen == 0 && isReached) {
      isReached = false;
      log.warn("server lost, all connections ended cause={}", cause);
    } else {
      log.debug("connection lost open={} cause={}", linesOpen, cause);
    }
    answers.closed();
  }
}
