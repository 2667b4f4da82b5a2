// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;

/** A connection without a network, whose peer may stop reading. */
final class EmbeddedConnection extends EmbeddedChannel implements DuplexChannel {
  private final StringBuilder received = new StringBuilder();
  private boolean isPeerReading = true;
  private boolean isInputShutdown;
  private boolean isOutputShutdown;
  private int flushCount;

  private final SocketAddress peer;

  /** @param peer the peer's address */
  EmbeddedConnection(SocketAddress peer) {
    super(false, false);
    this.peer = peer;
  }

  @Override
  protected SocketAddress remoteAddress0() {
    return peer;
  }

  /** Simulates one read of the socket and the end of its read cycle. */
  void read(String bytes) {
    read(bytes.getBytes(StandardCharsets.ISO_8859_1));
  }

  void read(byte[] bytes) {
    writeInbound(Unpooled.copiedBuffer(bytes));
  }

  /** Simulates a read without the end of its read cycle; {@link #flushInbound} ends the cycle. */
  void readMore(String bytes) {
    writeOneInbound(Unpooled.copiedBuffer(bytes, StandardCharsets.ISO_8859_1));
  }

  /** Simulates the peer's shutdown of its output. */
  void endInput() {
    isInputShutdown = true;
    pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    runPendingTasks();
  }

  void peerStopsReading() {
    isPeerReading = false;
  }

  void peerReadsAgain() {
    isPeerReading = true;
    flush();
  }

  /** Returns the bytes that the peer has read, in ISO-8859-1. */
  String received() {
    return received.toString();
  }

  /** Returns the number of flushes. */
  int flushCount() {
    return flushCount;
  }

  @Override
  protected void doWrite(ChannelOutboundBuffer buffer) throws Exception {
    if (isPeerReading) {
      flushCount++;
      super.doWrite(buffer);
    }
  }

  @Override
  protected void handleOutboundMessage(Object message) {
    ByteBuf bytes = (ByteBuf) message;
    if (isOutputShutdown && bytes.isReadable()) {
      throw new IllegalStateException("written after the end of output");
    }
    received.append(bytes.toString(StandardCharsets.ISO_8859_1));
    bytes.release();
  }

  @Override
  public boolean isInputShutdown() {
    return isInputShutdown;
  }

  @Override
  public boolean isOutputShutdown() {
    return isOutputShutdown;
  }

  @Override
  public boolean isShutdown() {
    return isInputShutdown && isOutputShutdown;
  }

  @Override
  public ChannelFuture shutdownOutput() {
    return shutdownOutput(newPromise());
  }

  @Override
  public ChannelFuture shutdownOutput(ChannelPromise promise) {
    isOutputShutdown = true;
    return promise.setSuccess();
  }

  @Override
  public ChannelFuture shutdownInput() {
    throw new UnsupportedOperationException();
  }

  @Override
  public ChannelFuture shutdownInput(ChannelPromise promise) {
    throw new UnsupportedOperationException();
  }

  @Override
  public ChannelFuture shutdown() {
    throw new UnsupportedOperationException();
  }

  @Override
  public ChannelFuture shutdown(ChannelPromise promise) {
    throw new UnsupportedOperationException();
  }
}
