// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.systole.protocol.time.Clock;
import io.systole.server.metrics.Counters;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last handler of a listening socket, which counts failed accepts and logs when they begin and
 * end. Any thread may call {@link #accepted}.
 */
@Sharable
final class AcceptFailures extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(AcceptFailures.class);

  /** At the limit of open files, accepts alternate between success and failure. */
  private static final long RECOVERED_AFTER_NS = TimeUnit.SECONDS.toNanos(10);

  private final Counters counters;
  private final Clock clock;
  private final AtomicBoolean isFailing = new AtomicBoolean();
  private volatile long lastFailureNs;

  AcceptFailures(Counters counters, Clock clock) {
    this.counters = counters;
    this.clock = clock;
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    counters.acceptFailed();
    lastFailureNs = clock.monotonicNs();
    if (isFailing.compareAndSet(false, true)) {
      LOG.warn("accepts are failing: {}; open={}", cause.getMessage(), counters.connectionsOpen());
    }
  }

  /** Records that a connection was accepted. */
  void accepted() {
    if (isFailing.get()
        && clock.monotonicNs() - lastFailureNs > RECOVERED_AFTER_NS
        && isFailing.compareAndSet(true, false)) {
      LOG.info("connections are accepted again open={}", counters.connectionsOpen());
    }
  }
}
