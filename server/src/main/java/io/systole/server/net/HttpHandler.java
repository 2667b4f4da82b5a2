// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.systole.protocol.http.HttpParseException;
import io.systole.protocol.http.RequestHead;
import io.systole.server.auth.Authenticator;
import io.systole.server.auth.CertificateName;
import io.systole.server.auth.ConnectionIdentity;
import io.systole.server.auth.Principal;
import io.systole.server.metrics.Counters;
import io.systole.server.metrics.Counters.Closed;
import io.systole.server.metrics.Counters.Overload;
import io.systole.server.metrics.RequestClass;
import io.systole.server.metrics.RequestKind;
import io.systole.server.net.LoopContext.Stage;
import io.systole.server.net.PreencodedResponses.ConnectionMode;
import io.systole.server.net.PreencodedResponses.ResponseFraming;
import io.systole.server.net.RequestDispatcher.PendingRequest;
import io.systole.server.route.HeartbeatMatcher.HeartbeatRequest;
import io.systole.server.route.Request;
import io.systole.server.route.RequestHandler;
import io.systole.server.route.Response;
import io.systole.server.route.Route;
import io.systole.server.route.Route.Pool;
import io.systole.server.route.SourceAddress;
import java.io.IOException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The handler of one connection: decodes requests, dispatches them, writes responses in order. */
final class HttpHandler extends ChannelInboundHandlerAdapter
    implements RequestDecoder.Sink, TimeoutWheel.Task {
  /*
   * Confined to the connection's event loop.
   *
   *     OPEN --malformed, last response, end of input, drained--> CLOSING --sent--> lingering --> closed
   *
   * No request is handled from CLOSING on; the lingering close does the rest.
   *
   * While the server stops, the response to the last request read announces the close. The read
   * cycle must have emptied the socket: a request left unprocessed behind such a response would be
   * lost if the client does not retry it.
   *
   * A connection without a request in progress closes only after its quiet period, and in the loop
   * iteration after one that read nothing from it. A request sent while our FIN is on the wire is
   * lost, which HTTP/1.1 can't prevent: the client retries it on another connection
   * (RFC 9112 §9.3.1, §9.5).
   */

  /** Batched responses above which they are flushed, so that few are held for a stalled peer. */
  private static final int BATCH_BYTES_MAX = 32 * 1024;

  private static final Logger LOG = LoggerFactory.getLogger(HttpHandler.class);

  private final RequestDispatcher dispatcher;
  private final Counters counters;
  private final LoopContext loop;
  private final Channel channel;
  private final SourceAddress source;
  private final ResponseWriter writer;
  private final RequestDecoder decoder;
  private final @Nullable ConnectionIdentity identity;
  private final TimeoutWheel.WheelTimeout timeout;
  private final ConnectionTimeouts timeouts;
  private final int writeBufferBytesMax;
  private final int batchBytesMax;
  private final int pendingResponsesMax;

  private final LingeringClose lingeringClose;
  private final UnsentCharge unsentCharge;

  private long nowNs;

  /** The time of the oldest read whose input is being decoded, monotonic. */
  private long inputNs;

  /** True once the last request was decoded; input after it is discarded. */
  private boolean isClosing;

  /** True while requests are decoded; {@link #flushAndUpdate} runs only afterwards. */
  private boolean isParsing;

  /** The response that must complete before the next request is decoded, or null. */
  private ResponseWriter.@Nullable PendingResponse blockingResponse;

  /** True if the last request that was admitted may wait for its turn on the loop. */
  private boolean isDeferrable;

  private boolean isPaused;

  /** True while the sender of the next request is being authenticated; reading is paused then. */
  private boolean isAuthenticating;

  /** True if the peer has shut its output down. */
  private boolean hasInputEnded;

  /** @param source holds one unit of the connection quota, which this handler releases */
  HttpHandler(
      Channel channel,
      SourceAddress source,
      LoopContext loop,
      RequestDispatcher dispatcher,
      NetSettings settings,
      Counters counters) {
    this.channel = channel;
    this.loop = loop;
    this.dispatcher = dispatcher;
    this.writeBufferBytesMax = settings.writeBufferBytesMax();
    this.batchBytesMax = Math.min(BATCH_BYTES_MAX, writeBufferBytesMax);
    this.pendingResponsesMax = settings.pendingResponsesMax();
    this.counters = counters;
    this.timeout = loop.connections.timeout(this);
    this.timeouts = new ConnectionTimeouts(settings, timeout, loop.clock.monotonicNs());
    this.source = source;
    this.unsentCharge = new UnsentCharge(
        channel,
        this::heldBytes,
        loop.stalled,
        dispatcher.quotas().unsentBytes(),
        source,
        counters);
    this.writer = new ResponseWriter(
        channel,
        loop,
        dispatcher.quotas(),
        source,
        timeouts,
        counters,
        this::flushed,
        this::responseCompleted);
    Authenticator authenticator = dispatcher.authenticator();
    this.identity = authenticator == null
        ? null
        : new ConnectionIdentity(
            authenticator, source, loop.loop, dispatcher::requiresRole, this::authenticated);
    this.decoder = new RequestDecoder(channel, dispatcher, settings, source, identity);
    this.lingeringClose = new LingeringClose(channel, writer, timeouts, loop.clock);
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    loop.connections.add(timeout, nextCheckNs(loop.clock.monotonicNs()));
    counters.connectionOpened();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    loop.connections.remove(timeout);
    counters.connectionEnded();
    isClosing = true;
    writer.discard();
    decoder.reset();
    decoder.clearCumulation();
    unsentCharge.release();
    if (identity != null) {
      identity.close();
    }
  }

  /** Releases the connection quota. Also called if the channel closes before it becomes active. */
  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    dispatcher.quotas().connections().release(source, 1);
  }

  // ---------------------------------------------------------------- input

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    try {
      nowNs = loop.clock.monotonicNs();
      inputNs = isPaused ? inputNs : nowNs;
      timeouts.inputReceived(nowNs);
      loop.inputReceived();
      counters.read(bytes.readableBytes());
      while (bytes.isReadable() && !isClosing) {
        decodeNext(bytes);
      }
    } finally {
      bytes.release();
    }
  }

  /** Decodes the next part of the input, preceded by the cumulation buffer. */
  private void decodeNext(ByteBuf bytes) {
    int length = Math.min(bytes.readableBytes(), LoopContext.READ_BYTES_MAX);
    if (isPaused) {
      decoder.cumulate(bytes, length);
    } else {
      decode(loop.input, 0, decoder.joinInto(loop.input, bytes, length));
    }
  }

  private void decode(byte[] bytes, int from, int to) {
    int begunBefore = decoder.requestsBegun();
    isParsing = true;
    try {
      decoder.decode(bytes, from, to, this);
      renewHeartbeats();
    } catch (HttpParseException malformed) {
      renewHeartbeats();
      refuse(malformed);
    } finally {
      isParsing = false;
      loop.heartbeats.clear();
    }
    if (isClosing) {
      decoder.clearCumulation();
    }
    int begun = decoder.requestsBegun() - begunBefore;
    counters.requests(begun);
    boolean isPartOfHead = decoder.hasCumulation() && !isPaused;
    timeouts.updateRequest(decoder.isInBody() || isPartOfHead, begun != 0, nowNs);
  }

  // ---------------------------------------------------------------- requests

  @Override
  public boolean isReady() {
    if (isClosing) {
      return false;
    }
    if (mustPause()) {
      pause();
      return false;
    }
    return true;
  }

  @Override
  public void onHeartbeat(HeartbeatRequest heartbeat, ResponseFraming framing) {
    loop.heartbeats.add(heartbeat, framing);
    // Behind a pending response, each counts as pending too before the next request is decoded.
    if (loop.heartbeats.isFull() || writer.pendingCount() > 0) {
      renewHeartbeats();
    }
    isClosing |= framing.connectionMode() == ConnectionMode.CLOSE;
  }

  /** Handles the heartbeats decoded so far. To be called before a request has any other effect. */
  private void renewHeartbeats() {
    loop.heartbeats.renew(writer, nowNs, inputNs);
  }

  @Override
  public void onRequest(PendingRequest pendingRequest, byte[] body) {
    renewHeartbeats();
    Request request = pendingRequest.request().withBody(body);
    Route route = pendingRequest.route();
    RequestHandler onLoop = handlerOnLoop(route, request);
    if (onLoop != null && mayHandleNow(route)) {
      respond(dispatcher.call(onLoop, request), pendingRequest.framing(), pendingRequest.kind());
    } else {
      respondLater(route, request, pendingRequest.framing(), pendingRequest.kind());
    }
  }

  /** Returns whether a request is handled on the event loop at once, instead of in its turn. */
  private boolean mayHandleNow(Route route) {
    if (route.isInTurn()) {
      // A read cycle may have several, each as long as all other requests in it.
      return loop.mayHandleNow(loop.clock.monotonicNs());
    }
    return !isDeferrable || route.isForPeers() || loop.mayHandleNow(nowNs);
  }

  /** Returns the handler to be called on the event loop, or null if it is called elsewhere. */
  private static @Nullable RequestHandler handlerOnLoop(Route route, Request request) {
    if (route instanceof Route.OnEventLoop onEventLoop) {
      return onEventLoop.handler();
    }
    return route instanceof Route.Sized sized && sized.isSmall(request) ? sized.handler() : null;
  }

  @Override
  public boolean isAdmitted(RequestHead head) throws HttpParseException {
    RequestClass requestClass = dispatcher.classOf(head);
    isDeferrable = requestClass != RequestClass.CRITICAL;
    if (!isDeferrable) {
      return true;
    }
    loop.measureIteration();
    Principal sender = identity == null ? null : identity.principal();
    Overload refusal = loop.admission.refusalOf(requestClass, sender, nowNs);
    if (refusal == null) {
      return true;
    }
    counters.overloaded(requestClass, refusal);
    return false;
  }

  @Override
  public void onNotAdmitted(ResponseFraming framing) {
    renewHeartbeats();
    respond(Response.OVERLOADED, framing, null);
  }

  @Override
  public void onQuotaExceeded(PendingRequest pendingRequest) {
    renewHeartbeats();
    respond(Response.OVERLOADED, pendingRequest.framing(), null);
  }

  @Override
  public void onAuthenticating() {
    isAuthenticating = true;
    pause();
  }

  /** Continues with the request whose sender was being authenticated. */
  private void authenticated() {
    isAuthenticating = false;
    if (channel.isActive()) {
      closeOnFailure(this::flushAndUpdate);
    }
  }

  @Override
  public void onContinueExpected() {
    renewHeartbeats();
    writer.writeContinue();
  }

  /** Dispatches a request whose response may be sent later, and reserves its place in the order. */
  private void respondLater(
      Route route, Request request, ResponseFraming framing, @Nullable RequestKind kind) {
    ResponseWriter.PendingResponse pendingResponse = writer.defer(framing, kind, inputNs);
    AsyncResponse callback =
        new AsyncResponse(loop.loop, response -> deliver(pendingResponse, response));
    pendingResponse.setCallback(callback);
    RequestHandler onLoop = handlerOnLoop(route, request);
    if (onLoop != null) {
      blockingResponse = pendingResponse;
      dispatcher.callDeferred(loop.deferred, onLoop, request, source, callback);
    } else if (route instanceof Route.Async async) {
      dispatcher.callAsync(async.handler(), request, callback);
    } else if (route instanceof Route.OnWorker onWorker) {
      dispatcher.callOnWorker(onWorker.pool(), onWorker.handler(), request, source, callback);
    } else if (route instanceof Route.Sized sized) {
      blockingResponse = pendingResponse;
      dispatcher.callOnWorker(Pool.BODIES, sized.handler(), request, source, callback);
    }
    isClosing |= framing.connectionMode() == ConnectionMode.CLOSE;
  }

  private void deliver(ResponseWriter.PendingResponse pendingResponse, Response response) {
    if (!channel.isActive()) {
      return;
    }
    if (pendingResponse == blockingResponse) {
      blockingResponse = null;
    }
    // Since the request the loop may have been idle, and an idle loop's tick updates the date late.
    loop.preencoded.refresh(loop.clock.wallMs());
    closeOnFailure(() -> {
      writer.complete(pendingResponse, response);
      if (!isParsing) {
        responseCompleted();
      }
    });
  }

  /**
   * Runs an action that is not called by the pipeline, whose exceptions therefore are not those of
   * the connection. If it fails, for example because buffers are exhausted, a response may be lost,
   * and the next one would be taken for it.
   */
  private void closeOnFailure(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException | Error failure) {
      isClosing = true;
      fail(failure);
    }
  }

  /** Continues after a deferred response was written. */
  private void responseCompleted() {
    timeouts.responseCompleted(loop.clock.monotonicNs());
    flushAndUpdate();
  }

  /** @param kind null if the latency of the request is not recorded */
  private void respond(Response response, ResponseFraming framing, @Nullable RequestKind kind) {
    writer.write(response, framing, kind, inputNs);
    isClosing |= framing.connectionMode() == ConnectionMode.CLOSE;
  }

  /** Responds to malformed input, after the pending responses, and begins to close. */
  private void refuse(HttpParseException malformed) {
    LOG.debug("refused: {} (from {})", malformed.getMessage(), channel.remoteAddress());
    refuse(malformed.status());
  }

  private void refuse(int status) {
    counters.refused(status);
    decoder.reset();
    decoder.clearCumulation();
    timeouts.updateRequest(false, false, nowNs);
    respond(Response.ofStatus(status), ResponseFraming.PLAIN.closing(), null);
  }

  // ---------------------------------------------------------------- output and back-pressure

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    flushAndUpdate();
  }

  /** Flushes the responses, then resumes reading or begins the close if the state allows. */
  private void flushAndUpdate() {
    flush(false);
    if (isPaused && !isAuthenticating && !mustPause()) {
      resume();
    }
    if (!timeouts.isLingering() && writer.pendingCount() == 0 && mustNotReadFurther()) {
      isClosing = true;
      lingeringClose.begin();
    }
  }

  /**
   * Flushes the batched responses.
   *
   * @param isResumed whether reading was paused until now
   */
  private void flush(boolean isResumed) {
    if (loop.stage() != Stage.SERVING) {
      boolean isAllRead = loop.stage() == Stage.DRAINING || (!isResumed && isSocketEmpty());
      writer.releaseHeld(isAllRead && isBetweenRequests());
    }
    isClosing |= writer.isClosing();
    writer.flush();
  }

  private void flushed() {
    loop.latencies.flushed();
    unsentCharge.flushed();
  }

  /**
   * Returns the bytes that the connection holds: responses that the peer does not read or that wait
   * for an earlier one, and the requests that are not decoded meanwhile.
   */
  private long heldBytes() {
    long unsent = unsentBytes();
    boolean isRead = unsent <= StalledConnections.FREE_BYTES;
    int undecoded = isRead && !isPaused ? 0 : decoder.cumulation().length;
    return writer.pendingBytes() + (isRead ? 0 : unsent) + undecoded;
  }

  private boolean isBetweenRequests() {
    return !isPaused && !decoder.isInBody() && !decoder.hasCumulation();
  }

  /** Returns whether the last read left its buffer partly empty. */
  private boolean isSocketEmpty() {
    var lastRead = channel.unsafe().recvBufAllocHandle();
    return lastRead.lastBytesRead() <= 0
        || lastRead.lastBytesRead() < lastRead.attemptedBytesRead();
  }

  /** Returns whether no further request is to be handled. */
  private boolean mustNotReadFurther() {
    return isClosing
        || (hasInputEnded && !isPaused)
        || (loop.stage() == Stage.DRAINING && isBetweenRequests() && isQuiet());
  }

  /** Returns whether the quiet period of a draining server has passed. */
  private boolean isQuiet() {
    return loop.clock.monotonicNs() >= loop.quietPeriodEndNs(timeouts.lastActiveNs());
  }

  private boolean mustPause() {
    if (writer.batchBytes() + loop.heartbeats.responseBytesMax() >= batchBytesMax) {
      renewHeartbeats();
      if (writer.batchBytes() >= batchBytesMax) {
        writer.flush();
      }
    }
    return blockingResponse != null
        || !channel.isWritable()
        || writer.pendingBytes() >= writeBufferBytesMax
        || writer.pendingCount() >= pendingResponsesMax;
  }

  private void pause() {
    isPaused = true;
    channel.config().setAutoRead(false);
  }

  /** Handles the cumulated requests, and reads on unless the input has ended. */
  private void resume() {
    isPaused = false;
    nowNs = loop.clock.monotonicNs();
    byte[] cumulated = decoder.cumulation();
    decode(cumulated, decoder.cumulationFrom(), cumulated.length);
    flush(true);
    if (!isPaused && !hasInputEnded) {
      channel.config().setAutoRead(true);
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (channel.isWritable()) {
      timeouts.writable();
      if (!isParsing) {
        flushAndUpdate();
      }
    } else {
      timeouts.unwritable(loop.clock.monotonicNs());
    }
  }

  // ---------------------------------------------------------------- ends

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ChannelInputShutdownEvent || event == SslCloseCompletionEvent.SUCCESS) {
      hasInputEnded = true;
      lingeringClose.inputEnded();
      writer.endStreams();
      flushAndUpdate();
    } else if (identity != null && event == SslHandshakeCompletionEvent.SUCCESS) {
      identity.setCertificateName(certificateName());
    }
  }

  /** Returns the name of the client certificate, or null if there is none. */
  private @Nullable String certificateName() {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    try {
      return tls.engine().getSession().getPeerCertificates()[0] instanceof X509Certificate first
          ? CertificateName.of(first)
          : null;
    } catch (SSLPeerUnverifiedException none) {
      return null;
    }
  }

  /** Closes the connection if a timeout has passed or if the stage of shutdown requires it. */
  @Override
  public long check(long now) {
    closeOnFailure(() -> {
      if (loop.stage() == Stage.SERVING) {
        endIfTimedOut(now);
      } else {
        writer.endStreams();
        endIfTimedOut(now);
        flushAndUpdate();
      }
    });
    return nextCheckNs(now);
  }

  private long nextCheckNs(long now) {
    long nextNs = timeouts.nextCheckNs(now);
    if (loop.stage() != Stage.DRAINING) {
      return nextNs;
    }
    long quietPeriodEndNs = loop.quietPeriodEndNs(timeouts.lastActiveNs());
    return quietPeriodEndNs > now ? Math.min(nextNs, quietPeriodEndNs) : nextNs;
  }

  private void endIfTimedOut(long now) {
    switch (timeouts.expired(now, unsentBytes() > 0, writer.pendingCount() > 0)) {
      case NONE -> {}
      case IDLE -> close(Closed.IDLE);
      case SLOW_READER -> close(Closed.SLOW_READER);
      case SLOW_REQUEST -> {
        counters.connectionClosed(Closed.SLOW_REQUEST);
        refuse(408);
        flushAndUpdate();
      }
      case LINGERED -> channel.close();
    }
  }

  /** Returns the number of response bytes that the socket has not accepted. */
  long unsentBytes() {
    return lingeringClose.unsentBytes();
  }

  /** Closes the connection without regard to pending responses. */
  void cut() {
    channel.close();
  }

  private void close(Closed reason) {
    counters.connectionClosed(reason);
    channel.close();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof IOException) {
      LOG.debug("connection lost: {} ({})", cause.getMessage(), channel.remoteAddress());
      channel.close();
    } else {
      fail(cause);
    }
  }

  private void fail(Throwable cause) {
    counters.failed();
    LOG.error("connection closed after an internal error ({})", channel.remoteAddress(), cause);
    channel.close();
  }
}
