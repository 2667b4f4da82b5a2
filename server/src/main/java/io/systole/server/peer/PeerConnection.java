// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.TooLongHttpContentException;
import io.netty.handler.timeout.ReadTimeoutException;
import io.netty.handler.timeout.ReadTimeoutHandler;
import io.systole.client.net.ServerAddress;
import io.systole.client.net.TlsContext;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP connection to a peer, opened when needed and kept open, with one request at a time. Any
 * thread may call; results are completed by the event loop.
 */
final class PeerConnection implements AutoCloseable {
  /**
   * The limits of a connection.
   *
   * @param timeoutMs for connecting, and between two reads of a response
   * @param responseMsMax from a request to the end of its response, so that a response cannot go on
   *     for ever in small parts
   * @param responseBytesMax of a body as received
   */
  record Limits(int timeoutMs, int responseMsMax, int responseBytesMax) {}

  /**
   * The status of a batch that a node takes for one delivered late. In another sequence its
   * repetition is accepted.
   */
  private static final int LATE = 409;

  private static final int HEAD_BYTES_MAX = 16 * 1024;

  /** Interim responses to one request; servers and proxies send one or two. */
  private static final int INTERIM_MAX = 8;

  /** Maximum characters of a reason that Netty gives, which may contain parts of the head. */
  private static final int REASON_CHARS_MAX = 200;

  private final EventLoop loop;
  private final Class<? extends Channel> channelType;
  private final ServerAddress server;
  private final InetSocketAddress address;
  private final @Nullable TlsContext tls;
  private final Limits limits;

  // Confined to the event loop.
  private final PeerRequests requests;
  private @Nullable Channel channel;
  private @Nullable CompletableFuture<PeerResponse> pending;

  /**
   * Creates a connection that is not open yet.
   *
   * @param channelType of the loop's transport
   * @param tls required if the server's URL is https
   */
  PeerConnection(
      EventLoop loop,
      Class<? extends Channel> channelType,
      PeerAddress peer,
      @Nullable TlsContext tls,
      Limits limits) {
    this.loop = loop;
    this.channelType = channelType;
    this.server = peer.server();
    this.address = peer.address();
    this.tls = tls;
    this.limits = limits;
    this.requests = new PeerRequests(server);
  }

  /**
   * Sends a JSON document as a batch of this connection's sequence. A node refuses a batch that was
   * delivered after a later one, even if another channel had delivered that.
   */
  CompletableFuture<PeerResponse> post(String path, byte[] body) {
    return send(() -> requests.batch(path, body));
  }

  /** Requests a JSON document, compressed if the peer supports it. */
  CompletableFuture<PeerResponse> get(String path) {
    return send(() -> requests.read(HttpMethod.GET, path));
  }

  /** Requests the response to {@link #get} without its body. */
  CompletableFuture<PeerResponse> head(String path) {
    return send(() -> requests.read(HttpMethod.HEAD, path));
  }

  private CompletableFuture<PeerResponse> send(Supplier<FullHttpRequest> request) {
    CompletableFuture<PeerResponse> result = new CompletableFuture<>();
    loop.execute(() -> send(request, result));
    return result;
  }

  private void send(Supplier<FullHttpRequest> request, CompletableFuture<PeerResponse> result) {
    if (pending != null) {
      result.completeExceptionally(new IllegalStateException("request in flight"));
      return;
    }
    pending = result;
    Channel open = channel;
    if (open != null && open.isActive()) {
      // A server may close a kept connection at any time; that is no failure.
      write(open, request.get(), () -> {
        pending = null;
        send(request, result);
      });
      return;
    }
    connect().addListener((ChannelFuture connected) -> {
      if (pending != result) {
        // Closed meanwhile.
        connected.channel().close();
      } else if (connected.isSuccess()) {
        channel = connected.channel();
        write(
            connected.channel(),
            request.get(),
            () -> fail(new IOException(address + " closed the connection without a response")));
      } else {
        fail(new IOException("cannot connect to " + address, connected.cause()));
      }
    });
  }

  private void write(Channel open, FullHttpRequest request, Runnable onUnanswered) {
    open.pipeline().addFirst(new ReadTimeoutHandler(limits.timeoutMs(), TimeUnit.MILLISECONDS));
    ResponseHandler handler = open.pipeline().get(ResponseHandler.class);
    handler.onUnanswered = onUnanswered;
    handler.interims = 0;
    handler.timeout = loop.schedule(
        () -> open.pipeline().fireExceptionCaught(ReadTimeoutException.INSTANCE),
        limits.responseMsMax(),
        TimeUnit.MILLISECONDS);
    open.writeAndFlush(request);
  }

  private ChannelFuture connect() {
    return new Bootstrap()
        .group(loop)
        .channel(channelType)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, limits.timeoutMs())
        .option(ChannelOption.TCP_NODELAY, true)
        .handler(new ChannelInitializer<Channel>() {
          @Override
          protected void initChannel(Channel opened) {
            addHandlers(opened);
          }
        })
        .connect(address);
  }

  private void addHandlers(Channel opened) {
    ChannelPipeline pipeline = opened.pipeline();
    if (server.isTls()) {
      if (tls == null) {
        throw new IllegalStateException("no TLS context for " + server);
      }
      pipeline.addLast(tls.current().newHandler(opened.alloc(), server.hostName(), server.port()));
    }
    pipeline
        .addLast(new HttpClientCodec(4096, HEAD_BYTES_MAX, 8192))
        .addLast(new HttpObjectAggregator(limits.responseBytesMax()))
        .addLast(new ResponseHandler());
  }

  private void fail(Throwable cause) {
    CompletableFuture<PeerResponse> failed = pending;
    pending = null;
    if (failed != null) {
      failed.completeExceptionally(cause);
    }
  }

  /** Closes the connection; a request in flight fails. */
  @Override
  public void close() {
    loop.execute(() -> {
      Channel open = channel;
      channel = null;
      fail(new IOException("connection to " + address + " closed"));
      if (open != null) {
        if (open.pipeline().get(ResponseHandler.class).end() != null) {
          resetOnClose(open);
        }
        open.close();
      }
    });
  }

  /**
   * Makes the close of a channel with a failed request a reset. Otherwise the system would go on to
   * deliver the request, possibly after later ones on another connection, whose changes it would
   * undo.
   */
  private static void resetOnClose(Channel failed) {
    if (failed.isOpen()) {
      failed.config().setOption(ChannelOption.SO_LINGER, 0);
    }
  }

  /**
   * Completes the request in flight of one channel. Another channel may have one already when this
   * one closes or fails.
   */
  private final class ResponseHandler extends SimpleChannelInboundHandler<FullHttpResponse> {
    /** Run if the channel closes before the response; null if no request is in flight. */
    private @Nullable Runnable onUnanswered;

    private @Nullable Future<?> timeout;

    /** The interim responses to the request in flight. */
    private int interims;

    /** Ends the request in flight; returns what {@link #onUnanswered} was. */
    private @Nullable Runnable end() {
      if (timeout != null) {
        timeout.cancel(false);
        timeout = null;
      }
      Runnable ended = onUnanswered;
      onUnanswered = null;
      return ended;
    }

    private void close(ChannelHandlerContext context) {
      forget(context);
      context.close();
    }

    /** Makes the next request use another channel. */
    private void forget(ChannelHandlerContext context) {
      if (channel == context.channel()) {
        channel = null;
      }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpResponse response) {
      Throwable malformed = response.decoderResult().cause();
      if (malformed != null) {
        exceptionCaught(context, new IOException(malformedReason(malformed)));
      } else if (!isInterim(response)) {
        complete(context, response);
      } else if (++interims > INTERIM_MAX) {
        exceptionCaught(context, new IOException("too many interim responses from " + address));
      }
    }

    private String malformedReason(Throwable malformed) {
      String reason = String.valueOf(malformed.getMessage());
      return "malformed response from " + address + ": "
          + reason.substring(0, Math.min(reason.length(), REASON_CHARS_MAX));
    }

    /** Returns whether the final response follows (RFC 9110 section 15.2). */
    private static boolean isInterim(FullHttpResponse response) {
      return response.status().codeClass() == HttpStatusClass.INFORMATIONAL
          && !response.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS);
    }

    private void complete(ChannelHandlerContext context, FullHttpResponse response) {
      CompletableFuture<PeerResponse> answered = pending;
      if (end() == null || answered == null) {
        // Unsolicited.
        close(context);
        return;
      }
      pending = null;
      if (response.status().code() == LATE) {
        requests.startSequence();
      }
      if (context.pipeline().get(ReadTimeoutHandler.class) != null) {
        context.pipeline().remove(ReadTimeoutHandler.class);
      }
      if (!HttpUtil.isKeepAlive(response)) {
        close(context);
      }
      answered.complete(PeerResponse.of(response));
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      // Its handlers are removed next.
      forget(context);
      Runnable unanswered = end();
      if (unanswered != null) {
        unanswered.run();
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      if (end() != null) {
        fail(failureOf(cause));
        resetOnClose(context.channel());
      }
      close(context);
    }

    /** Returns a failure with the reason in the terms of a connection, where there is one. */
    private Throwable failureOf(Throwable cause) {
      if (cause instanceof ReadTimeoutException) {
        return new IOException("no response from " + address + " in time");
      }
      if (cause instanceof TooLongHttpContentException) {
        return new IOException(
            "response from " + address + " exceeds " + limits.responseBytesMax() + " bytes");
      }
      return cause;
    }
  }
}
