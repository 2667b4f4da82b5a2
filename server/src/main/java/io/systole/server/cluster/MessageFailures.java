// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.protocol.model.EscapedText;
import io.systole.protocol.time.Clock;
import io.systole.server.cluster.group.MemberId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A log of messages that can't be decoded, with one line a minute per member. Thread-safe. */
final class MessageFailures {
  private static final Logger LOG = LoggerFactory.getLogger(MessageFailures.class);
  private static final long INTERVAL_NS = TimeUnit.MINUTES.toNanos(1);

  /** Beyond it, the least recent member is removed, whose next failure is logged at once. */
  private static final int MEMBERS_MAX = 256;

  private final Clock clock;
  private final Map<MemberId, Long> loggedNs = new LinkedHashMap<>();

  MessageFailures(Clock clock) {
    this.clock = clock;
  }

  /** Logs a failure unless one of the member was logged within a minute. Returns whether it was. */
  boolean log(MemberId member, Exception failure) {
    if (!permits(member)) {
      return false;
    }
    LOG.warn(
        "message dropped member={} reason={}",
        EscapedText.token(member.name()),
        failure.getMessage());
    return true;
  }

  private synchronized boolean permits(MemberId member) {
    long nowNs = clock.monotonicNs();
    Long last = loggedNs.get(member);
    if (last != null && nowNs - last < INTERVAL_NS) {
      return false;
    }
    loggedNs.remove(member);
    loggedNs.put(member, nowNs);
    if (loggedNs.size() > MEMBERS_MAX) {
      loggedNs.remove(loggedNs.keySet().iterator().next());
    }
    return true;
  }
}
