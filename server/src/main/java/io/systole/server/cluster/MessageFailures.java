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

/** Logs messages that could not be decoded, at most one a minute for a member. Thread-safe. */
final class MessageFailures {
  private static final Logger LOG = LoggerFactory.getLogger(MessageFailures.class);
  private static final long INTERVAL_NS = TimeUnit.MINUTES.toNanos(1);

  /** The least recent member is dropped; at worst it has another line. */
  private static final int MEMBERS_MAX = 256;

  private final Clock clock;
  private final Map<MemberId, Long> loggedNs = new LinkedHashMap<>();

  MessageFailures(Clock clock) {
    this.clock = clock;
  }

  /** Logs a failure unless the member had one recently; returns whether it did. */
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
