// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.systole.server.metrics.Counters;
import io.systole.server.metrics.Counters.Closed;
import io.systole.server.metrics.Counters.Limit;
import io.systole.server.metrics.Counters.Resource;
import io.systole.server.net.Quotas.Quota;
import io.systole.server.route.SourceAddress;
import java.util.function.LongSupplier;

/**
 * Charges a quota with the bytes that one connection holds for a peer that does not read them, or
 * that has requested something else before. Confined to the connection's event loop.
 */
final class UnsentCharge implements StalledConnections.Holder {
  private final Channel channel;
  private final LongSupplier heldBytes;
  private final Counters counters;
  private final StalledConnections.Entry entry;

  /** True while a write behind the unsent responses is pending. */
  private boolean isSentAwaited;

  /**
   * @param heldBytes returns the bytes to be charged; 0 if the peer reads and no response is
   *     pending
   * @param stalled the stalled connections of the loop
   */
  UnsentCharge(
      Channel channel,
      LongSupplier heldBytes,
      StalledConnections stalled,
      Quota quota,
      SourceAddress source,
      Counters counters) {
    this.channel = channel;
    this.heldBytes = heldBytes;
    this.counters = counters;
    this.entry = stalled.newEntry(quota, source, this);
  }

  /** Updates the charge after a flush. */
  void flushed() {
    entry.update(heldBytes());
    if (entry.isStalled() && !isSentAwaited && isUnsent()) {
      awaitSent();
    }
  }

  private boolean isUnsent() {
    ChannelOutboundBuffer unsent = channel.unsafe().outboundBuffer();
    return unsent != null && !unsent.isEmpty();
  }

  /**
   * Updates the charge when the socket has accepted what is unsent now. The empty write bypasses
   * the pipeline: TLS would make a record of it.
   */
  private void awaitSent() {
    isSentAwaited = true;
    ChannelPromise sent = channel.newPromise();
    sent.addListener(done -> {
      isSentAwaited = false;
      flushed();
    });
    channel.unsafe().write(Unpooled.EMPTY_BUFFER, sent);
    channel.unsafe().flush();
  }

  /** Releases the charge of a closed connection. */
  void release() {
    entry.update(0);
  }

  @Override
  public long heldBytes() {
    return heldBytes.getAsLong();
  }

  /** Closes the socket without a TLS close_notify, which the peer would not read either. */
  @Override
  public void closeStalled(Limit exceeded) {
    counters.exhausted(Resource.UNSENT_BYTES, exceeded);
    counters.connectionClosed(Closed.UNSENT_LIMIT);
    channel.unsafe().close(channel.newPromise());
  }
}
