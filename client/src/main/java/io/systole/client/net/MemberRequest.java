// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.systole.protocol.codec.MemberListReader;
import io.systole.protocol.http.BodyFraming;
import io.systole.protocol.http.HttpMethod;
import io.systole.protocol.http.HttpParseException;
import io.systole.protocol.http.ResponseHeadParser;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One request for the members of a native cluster, on a connection of its own that is closed
 * afterwards. Confined to one event loop.
 */
final class MemberRequest extends ChannelInboundHandlerAdapter {
  /*
   *   OPENING, WAITING --response complete--> ENDED (completed)
   *          \--failed, timed out, malformed--> ENDED (failed)
   *          \--closed--> ENDED (nothing reported)
   */

  /** A receiver of the result; exactly one method is called, once, unless the request is closed. */
  interface Listener {
    void completed(int status, byte[] body);

    void failed(String cause);
  }

  private static final HttpMethod METHOD = HttpMethod.GET;

  private final ConnectionContext context;
  private final ServerAddress server;
  private final Listener listener;
  private final ResponseHeadParser head;
  private final BodyFraming framing;
  private final ByteArrayOutputStream headBytes = new ByteArrayOutputStream();
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();

  private @Nullable Channel channel;
  private @Nullable Future<?> timeout;
  private boolean isHeadComplete;
  private boolean isEnded;

  MemberRequest(ConnectionContext context, ServerAddress server, Listener listener) {
    this.context = context;
    this.server = server;
    this.listener = listener;
    this.head = new ResponseHeadParser(context.settings().limits());
    this.framing = new BodyFraming(context.settings().limits());
  }

  /** Connects and sends the request. */
  void send() {
    long timeoutMs = context.settings().connectTimeoutMs() + context.settings().responseTimeoutMs();
    timeout = context
        .loop()
        .schedule(
            () -> fail("no complete response within " + timeoutMs + " ms"),
            timeoutMs,
            TimeUnit.MILLISECONDS);
    context.connector().lookUp(server, addresses -> connect(addresses.get(0)), this::fail);
  }

  private void connect(InetAddress address) {
    if (!isEnded) {
      context.connector().connect(server, address, 1, this).addListener((ChannelFuture opened) -> {
        if (!opened.isSuccess()) {
          fail(String.valueOf(opened.cause().getMessage()));
        }
      });
    }
  }

  /** Closes the connection and reports nothing. */
  void close() {
    isEnded = true;
    if (timeout != null) {
      timeout.cancel(false);
    }
    if (channel != null) {
      channel.close();
    }
  }

  private void fail(String cause) {
    if (!isEnded) {
      close();
      listener.failed(cause);
    }
  }

  private void complete() {
    if (!isEnded) {
      close();
      listener.completed(head.status(), body.toByteArray());
    }
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    channel = context.channel();
    if (isEnded) {
      context.close();
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    String request = "GET " + MemberUrls.PATH + " HTTP/1.1\r\n"
        + server.headers()
        + "Accept: application/json\r\nConnection: close\r\n\r\n";
    // A failed write is reported by exceptionCaught; TLS delays it until after the handshake.
    context.writeAndFlush(Unpooled.copiedBuffer(request, UTF_8), context.voidPromise());
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf in = (ByteBuf) message;
    try {
      byte[] bytes = new byte[in.readableBytes()];
      in.readBytes(bytes);
      if (!isEnded) {
        read(bytes);
      }
    } catch (HttpParseException e) {
      fail("malformed response: " + e.reason());
    } finally {
      in.release();
    }
  }

  private void read(byte[] bytes) throws HttpParseException {
    if (isHeadComplete) {
      readBody(bytes, 0);
      return;
    }
    // The parser limits the size of the head.
    headBytes.writeBytes(bytes);
    byte[] all = headBytes.toByteArray();
    int end = head.parse(all, 0, all.length);
    if (end != ResponseHeadParser.INCOMPLETE) {
      isHeadComplete = true;
      long length = head.hasBody(METHOD) ? head.contentLength() : 0;
      framing.begin(length, head.isChunked(), MemberListReader.BYTES_MAX);
      readBody(all, end);
    }
  }

  private void readBody(byte[] bytes, int from) throws HttpParseException {
    framing.read(bytes, from, bytes.length, body::write);
    if (framing.isComplete()) {
      complete();
    }
  }

  /** The end of the connection may be that of the body. */
  @Override
  public void channelInactive(ChannelHandlerContext context) {
    if (isHeadComplete && head.isUntilClose(METHOD)) {
      complete();
    } else {
      fail("server closed the connection");
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    fail(String.valueOf(cause.getMessage()));
  }
}
