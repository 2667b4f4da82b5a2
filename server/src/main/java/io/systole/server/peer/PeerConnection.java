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
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.timeout.ReadTimeoutException;
import io.netty.handler.timeout.ReadTimeoutHandler;
import io.systole.client.net.ServerAddress;
import io.systole.client.net.TlsContext;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP connection to a peer, opened when needed and kept open, with one request at a time.
 * Thread-safe; results are completed by the event loop.
 */
final class PeerConnection implements AutoCloseable {
  /**
   * The limits of a connection.
   *
   * @param timeoutMs for connecting, and between two reads of a response
   * @param responseMsMax from a request to the end of its response, so that a response cannot go on
   *     for ever in small parts
   * @param responseBytesMax of a body as received, unless the request has another limit
   */
  record Limits(int timeoutMs, int responseMsMax, int responseBytesMax) {}

  /**
   * The status of a batch that a node takes for one delivered late. In another sequence its
   * repetition is accepted.
   */
  private static final int LATE = 409;

  private static final int HEAD_BYTES_MAX = 16 * 1024;

  /** A request, the maximum size of its response's body, and the receiver of the response. */
  private record Exchange(
      Supplier<FullHttpRequest> request,
      int responseBytesMax,
      CompletableFuture<PeerResponse> result) {}

  private final EventLoop loop;
  private final Class<? extends Channel> channelType;
  private final ServerAddress server;
  private final InetSocketAddress address;
  private final @Nullable TlsContext tls;
  private final Limits limits;

  // Confined to the event loop.
  private final PeerRequests requests;
  private final ResponseMemory.Share memory;
  private @Nullable Channel channel;
  private @Nullable CompletableFuture<PeerResponse> pending;

  /**
   * Creates a connection that is not open yet.
   *
   * @param channelType of the loop's transport
   * @param tls required if the server's URL is https
   * @param memory of the responses, released by the next request and by {@link #close}
   */
  PeerConnection(
      EventLoop loop,
      Class<? extends Channel> channelType,
      PeerAddress peer,
      @Nullable TlsContext tls,
      Limits limits,
      ResponseMemory.Share memory) {
    this.loop = loop;
    this.channelType = channelType;
    this.server = peer.server();
    this.address = peer.address();
    this.tls = tls;
    this.limits = limits;
    this.requests = new PeerRequests(server);
    this.memory = memory;
  }

  /**
   * Sends a JSON document as a batch of this connection's sequence. A node refuses a batch that was
   * delivered after a later one, even if another channel had delivered that.
   */
  CompletableFuture<PeerResponse> post(String path, byte[] body) {
    return post(path, body, limits.responseBytesMax());
  }

  /**
   * Sends a batch, like {@link #post(String, byte[])}.
   *
   * @param responseBytesMax of the body of its response
   */
  CompletableFuture<PeerResponse> post(String path, byte[] body, int responseBytesMax) {
    return send(() -> requests.batch(path, body), responseBytesMax);
  }

  /** Requests a JSON document, compressed if the peer supports it. */
  CompletableFuture<PeerResponse> get(String path) {
    return send(() -> requests.read(HttpMethod.GET, path), limits.responseBytesMax());
  }

  /** Requests the response to {@link #get} without its body. */
  CompletableFuture<PeerResponse> head(String path) {
    // The length in the response is that of a body which is not sent.
    return send(() -> requests.read(HttpMethod.HEAD, path), Integer.MAX_VALUE);
  }

  private CompletableFuture<PeerResponse> send(
      Supplier<FullHttpRequest> request, int responseBytesMax) {
    CompletableFuture<PeerResponse> result = new CompletableFuture<>();
    try {
      loop.execute(() -> send(new Exchange(request, responseBytesMax, result)));
    } catch (RejectedExecutionException closed) {
      result.completeExceptionally(new IOException("connections to peers are closed"));
    }
    return result;
  }

  private void send(Exchange exchange) {
    if (pending != null) {
      exchange.result().completeExceptionally(new IllegalStateException("request in flight"));
      return;
    }
    pending = exchange.result();
    memory.release();
    Channel open = channel;
    if (open != null && open.isActive()) {
      // A server may close a kept connection at any time; that is no failure.
      write(open, exchange, () -> {
        pending = null;
        send(exchange);
      });
      return;
    }
    connect().addListener((ChannelFuture connected) -> {
      if (pending != exchange.result()) {
        // Closed meanwhile.
        connected.channel().close();
      } else if (connected.isSuccess()) {
        channel = connected.channel();
        write(
            connected.channel(),
            exchange,
            () -> fail(new IOException(address + " closed the connection without a response")));
      } else {
        fail(new IOException("cannot connect to " + address, connected.cause()));
      }
    });
  }

  private void write(Channel open, Exchange exchange, Runnable onUnanswered) {
    open.pipeline().addFirst(new ReadTimeoutHandler(limits.timeoutMs(), TimeUnit.MILLISECONDS));
    open.pipeline().get(ResponseAssembler.class).expect(exchange.responseBytesMax());
    ResponseHandler handler = open.pipeline().get(ResponseHandler.class);
    handler.onUnanswered = onUnanswered;
    handler.timeout = loop.schedule(
        () -> open.pipeline().fireExceptionCaught(ReadTimeoutException.INSTANCE),
        limits.responseMsMax(),
        TimeUnit.MILLISECONDS);
    handler.written = open.writeAndFlush(exchange.request().get());
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
    ResponseHandler responses = new ResponseHandler();
    pipeline
        .addLast(new UnsolicitedBytesHandler(responses::isInFlight))
        .addLast(new HttpClientCodec(4096, HEAD_BYTES_MAX, 8192))
        .addLast(new ResponseAssembler(address, memory))
        .addLast(responses);
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
    try {
      loop.execute(this::closeNow);
    } catch (RejectedExecutionException closed) {
      // The loop has closed its channels.
    }
  }

  private void closeNow() {
    Channel open = channel;
    channel = null;
    memory.release();
    fail(new IOException("connection to " + address + " closed"));
    if (open == null) {
      return;
    }
    if (open.pipeline().get(ResponseHandler.class).end() == null) {
      open.close();
    } else {
      reset(open);
    }
  }

  /**
   * Closes a channel whose request is not answered, by a reset. Otherwise the system would go on to
   * deliver the request, possibly after later ones on another connection, whose changes it would
   * undo. TLS would first wait until it has been written.
   */
  private static void reset(Channel failed) {
    if (failed.isOpen()) {
      failed.config().setOption(ChannelOption.SO_LINGER, 0);
      failed.pipeline().firstContext().close();
    }
  }

  /**
   * Completes the request in flight of one channel. Another channel may have one already when this
   * one closes or fails.
   */
  private final class ResponseHandler extends SimpleChannelInboundHandler<PeerResponse> {
    /** Run if the channel closes before the response; null if no request is in flight. */
    private @Nullable Runnable onUnanswered;

    private @Nullable Future<?> timeout;

    /** Done when the last request has been written. */
    private @Nullable Future<?> written;

    boolean isInFlight() {
      return onUnanswered != null;
    }

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
      detach(context);
      context.close();
    }

    /** Makes the next request use another channel. */
    private void detach(ChannelHandlerContext context) {
      if (channel == context.channel()) {
        channel = null;
      }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, PeerResponse response) {
      CompletableFuture<PeerResponse> answered = pending;
      if (!isInFlight() || answered == null) {
        // Unsolicited.
        close(context);
        return;
      }
      boolean isWritten = written != null && written.isDone();
      if (!isWritten && response.isSuccess()) {
        exceptionCaught(
            context, new IOException(address + " responded before it had received the request"));
        return;
      }
      end();
      pending = null;
      if (response.status() == LATE) {
        requests.startSequence();
      }
      if (context.pipeline().get(ReadTimeoutHandler.class) != null) {
        context.pipeline().remove(ReadTimeoutHandler.class);
      }
      if (!isWritten) {
        // A refusal may be early. The rest of the request must not wait to be written.
        detach(context);
        reset(context.channel());
      } else if (!response.isKeepAlive()) {
        close(context);
      }
      answered.complete(response);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      // Its handlers are removed next.
      detach(context);
      Runnable unanswered = end();
      if (unanswered != null) {
        unanswered.run();
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      detach(context);
      if (end() == null) {
        context.close();
        return;
      }
      fail(
          cause instanceof ReadTimeoutException
              ? new IOException("no response from " + address + " in time")
              : cause);
      reset(context.channel());
    }
  }
}
