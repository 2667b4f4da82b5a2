// SPDX-License-Identifier: Apache-2.0
package io.systole.server.hostile;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A persistent connection for the requests of many members. Confined to the fleet's loop. */
final class FleetConnection {
  /** The listener of a connection's events. */
  interface Listener {
    void responded(Call call, int status);

    /**
     * Called when a connection has ended.
     *
     * @param unanswered sent, but not responded to
     */
    void lost(FleetConnection connection, List<Call> unanswered);
  }

  /**
   * One request of a member.
   *
   * @param dueNs when it had to be sent
   * @param phase of the run in which it was due
   */
  record Call(FleetInstance member, boolean isHeartbeat, long dueNs, Phase phase) {}

  private static final int IN_FLIGHT_MAX = 32;

  private final Bootstrap bootstrap;
  private final NodePort target;
  private final ClientAccess access;
  private final Listener listener;
  private final ArrayDeque<Call> waiting = new ArrayDeque<>();
  private final ArrayDeque<Call> inFlight = new ArrayDeque<>();

  /** The time when the oldest request in flight was sent, or of the response before it. */
  private long progressNs;

  private @Nullable Channel channel;
  private boolean isConnecting;

  FleetConnection(Bootstrap bootstrap, NodePort target, ClientAccess access, Listener listener) {
    this.target = target;
    this.access = access;
    this.listener = listener;
    this.bootstrap = bootstrap.clone().handler(new ChannelInitializer<Channel>() {
      @Override
      protected void initChannel(Channel opened) {
        access.secure(opened);
        opened.pipeline().addLast(new HttpResponseDecoder(), new Responses());
      }
    });
  }

  void send(Call call) {
    waiting.add(call);
  }

  /** Connects if necessary, and sends up to the maximum in flight. */
  void flush() {
    Channel current = channel;
    if (current == null) {
      connect();
      return;
    }
    boolean hasWritten = false;
    while (inFlight.size() < IN_FLIGHT_MAX && !waiting.isEmpty()) {
      Call call = waiting.remove();
      if (inFlight.isEmpty()) {
        progressNs = System.nanoTime();
      }
      inFlight.add(call);
      current.write(Unpooled.wrappedBuffer(access.authorize(
          call.isHeartbeat() ? call.member().heartbeat : call.member().registration())));
      hasWritten = true;
    }
    if (hasWritten) {
      current.flush();
    }
  }

  /** Returns the time without a response to the requests in flight; 0 if there are none. */
  long silentNs(long nowNs) {
    return inFlight.isEmpty() ? 0 : nowNs - progressNs;
  }

  private void connect() {
    if (isConnecting || !target.isUp()) {
      return;
    }
    isConnecting = true;
    bootstrap
        .connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target.port()))
        .addListener(connected -> isConnecting = false);
  }

  /** Closes the connection; requests in flight are reported as lost. */
  void close() {
    if (channel != null) {
      channel.close();
    }
  }

  /** Reads the responses in the order of the requests. */
  private final class Responses extends SimpleChannelInboundHandler<HttpObject> {
    private int status;

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      channel = ctx.channel();
      flush();
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, HttpObject part) {
      if (part instanceof HttpResponse response) {
        status = response.status().code();
      }
      if (part instanceof LastHttpContent) {
        progressNs = System.nanoTime();
        Call call = inFlight.poll();
        if (call != null) {
          listener.responded(call, status);
        }
        flush();
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      channel = null;
      List<Call> lost = new ArrayList<>(inFlight);
      inFlight.clear();
      listener.lost(FleetConnection.this, lost);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }
}
