// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.protocol.time.Clock;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs the progress of a long recovery, one line every few seconds. Not thread-safe. */
final class RecoveryProgress implements ReadListener {
  static final long INTERVAL_NS = TimeUnit.SECONDS.toNanos(3);

  private static final Logger LOG = LoggerFactory.getLogger(RecoveryProgress.class);

  private final Clock clock;
  private final Consumer<CorruptRange> corruptRanges;
  private long loggedNs;
  private int lines;

  RecoveryProgress(Clock clock, Consumer<CorruptRange> corruptRanges) {
    this.clock = clock;
    this.corruptRanges = corruptRanges;
    this.loggedNs = clock.monotonicNs();
  }

  @Override
  public void damaged(CorruptRange corruptRange) {
    corruptRanges.accept(corruptRange);
  }

  @Override
  public void advanced(String file, long bytes, long bytesAll) {
    long nowNs = clock.monotonicNs();
    if (nowNs - loggedNs >= INTERVAL_NS) {
      loggedNs = nowNs;
      lines++;
      LOG.info("reading the data directory file={} bytes={} of={}", file, bytes, bytesAll);
    }
  }

  int lines() {
    return lines;
  }
}
