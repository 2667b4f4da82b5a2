// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.protocol.model.EscapedText;
import io.systole.protocol.time.Clock;
import io.systole.server.cluster.group.LogLimit;
import io.systole.server.cluster.group.MemberId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A log of messages that can't be decoded, with one line a minute per member. Thread-safe. */
final class MessageFailures {
  private static final Logger LOG = LoggerFactory.getLogger(MessageFailures.class);

  private final LogLimit limit;

  MessageFailures(Clock clock) {
    limit = new LogLimit(clock::monotonicNs);
  }

  /** Logs a failure unless one of the member was logged within a minute. Returns whether it was. */
  boolean log(MemberId member, Exception failure) {
    if (!limit.admits(Long.toString(member.epoch()))) {
      return false;
    }
    LOG.warn(
        "message dropped member={} reason={}",
        EscapedText.token(member.name()),
        failure.getMessage());
    return true;
  }
}
