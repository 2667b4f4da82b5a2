// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.systole.protocol.http.HttpParseException;
import io.systole.server.metrics.Counters;
import io.systole.server.metrics.Counters.Closed;
import io.systole.server.net.LoopContext.Stage;
import io.systole.server.net.PreencodedResponses.ConnectionMode;
import io.systole.server.net.ResponseWriter.ResponseFraming;
import io.systole.server.route.HeartbeatRequest;
import io.systole.server.route.Request;
import io.systole.server.route.Response;
import io.systole.server.route.Route;
import io.systole.server.route.Route.Pool;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection: bytes in, requests to their destinations, answers out in order. */
final class HttpHandler extends ChannelInboundHandlerAdapter
    implements RequestDecoder.Sink, TimeoutWheel.Task {
  /*
   * Everything here happens on the connection's event loop.
   *
   *     OPEN --malformed, closing answer, end of input, drained--> CLOSING --sent--> lingering --> closed
   *
   * From CLOSING on nothing is answered any more; the farewell does the rest.
   *
   * While the node stops, a response that answers the last request read announces the close. The
   * read cycle must have emptied the socket: a request that is not processed behind such a response
   * would be lost on a client that does not send it again.
   *
   * A connection without a request under way ends only after it was silent for a while, and in the
   * turn of the loop behind one that read nothing from it. A request that is sent while the end of
   * our output is on its way is lost, which HTTP/1.1 can't prevent: the client repeats it on
   * another connection (RFC 9112 §9.3.1, §9.5).
   */

  private static final Logger LOG = LoggerFactory.getLogger(HttpHandler.class);

  private final RequestDispatcher destinations;
  private final NetSettings settings;
  private final Counters counters;
  private final LoopContext loop;
  private final Channel channel;
  private final SourceAddress source;
  private final ResponseWriter writer;
  private final RequestDecoder reader;
  private final TimeoutWheel.WheelTimeout<HttpHandler> timeout;
  private final ConnectionTimeouts timeouts;

  private final LingeringClose lingeringClose;
  private final CumulationBuffer kept = new CumulationBuffer();

  private long nowNs;

  /** Whether the last request was taken; nothing that follows it is one. */
  private boolean isClosing;

  /** While it is true, {@link #settle} would judge by a state that is about to change. */
  private boolean isParsing;

  /** The place of a request whose effect must come before that of the next; null without one. */
  private ResponseWriter.@Nullable PendingResponse orderedPlace;

  private boolean isPaused;

  /** @param source holds one unit of the budget of connections, which the handler releases */
  HttpHandler(
      Channel channel,
      SourceAddress source,
      LoopContext loop,
      RequestDispatcher destinations,
      NetSettings settings,
      Counters counters) {
    this.channel = channel;
    this.loop = loop;
    this.destinations = destinations;
    this.settings = settings;
    this.counters = counters;
    this.timeout = loop.connections.timeout(this);
    this.timeouts = new ConnectionTimeouts(settings, timeout, loop.clock.monotonicNs());
    this.source = source;
    this.writer = new ResponseWriter(
        channel, loop, destinations.budgets(), source, timeouts, counters, this::responseGiven);
    this.reader = new RequestDecoder(channel, destinations, settings, source);
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
    reader.reset();
    kept.clear();
  }

  /** Comes also for a connection that was closed before it became active. */
  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    destinations.budgets().connections().release(source, 1);
  }

  // ---------------------------------------------------------------- input

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    try {
      nowNs = loop.clock.monotonicNs();
      timeouts.inputCame(nowNs);
      counters.read(bytes.readableBytes());
      while (bytes.isReadable() && !isClosing) {
        take(bytes);
      }
    } finally {
      bytes.release();
    }
  }

  /** Parses the next piece of what was read, behind what was kept. */
  private void take(ByteBuf bytes) {
    int length = Math.min(bytes.readableBytes(), LoopContext.READ_BYTES_MAX);
    if (isPaused) {
      kept.append(bytes, length);
    } else {
      consume(loop.input, kept.joinInto(loop.input, bytes, length));
    }
  }

  /** Parses bytes from the start of the array and keeps what can't be used yet. */
  private void consume(byte[] bytes, int to) {
    int begunBefore = reader.requestsBegun();
    int at = 0;
    isParsing = true;
    try {
      at = reader.read(bytes, to, this);
    } catch (HttpParseException malformed) {
      refuse(malformed);
    } finally {
      isParsing = false;
    }
    kept.keep(bytes, isClosing ? to : at, to);
    int begun = reader.requestsBegun() - begunBefore;
    counters.requests(begun);
    boolean isPartOfHead = !kept.isEmpty() && !isPaused;
    timeouts.requestArrives(reader.isInBody() || isPartOfHead, begun != 0, nowNs);
  }

  // ---------------------------------------------------------------- requests

  @Override
  public boolean wantsMore() {
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
  public void heartbeat(HeartbeatRequest target, ResponseFraming manner) {
    response(loop.renewService.renew(target, nowNs), manner);
  }

  @Override
  public void request(PendingRequest pendingRequest, byte[] body) {
    Request request = pendingRequest.request().withBody(body);
    Route route = pendingRequest.route();
    if (route instanceof Route.OnEventLoop quick) {
      response(destinations.call(quick.endpoint(), request), pendingRequest.manner());
    } else if (route instanceof Route.Sized sized && sized.isSmall(request)) {
      response(destinations.call(sized.endpoint(), request), pendingRequest.manner());
    } else {
      responseLater(route, request, pendingRequest.manner());
    }
  }

  @Override
  public void overBudget(PendingRequest pendingRequest) {
    response(Response.OVERLOADED, pendingRequest.manner());
  }

  @Override
  public void bodyAwaited() {
    writer.interim();
  }

  /** Has somebody else answer, perhaps at once; the answer keeps its place in the order. */
  private void responseLater(Route route, Request request, ResponseFraming manner) {
    ResponseWriter.PendingResponse place = writer.defer(manner);
    AsyncResponse callback = new AsyncResponse(loop.loop, response -> deliver(place, response));
    place.awaits(callback);
    if (route instanceof Route.Async late) {
      destinations.begin(late.endpoint(), request, callback);
    } else if (route instanceof Route.OnWorker slow) {
      destinations.delegate(slow.pool(), slow.endpoint(), request, source, callback);
    } else if (route instanceof Route.Sized sized) {
      orderedPlace = place;
      destinations.delegate(Pool.BODIES, sized.endpoint(), request, source, callback);
    }
    isClosing |= manner.persistence() == ConnectionMode.CLOSE;
  }

  private void deliver(ResponseWriter.PendingResponse place, Response response) {
    if (!channel.isActive()) {
      return;
    }
    if (place == orderedPlace) {
      orderedPlace = null;
    }
    writer.complete(place, response);
    if (!isParsing) {
      responseGiven();
    }
  }

  /** Goes on behind an answer that was waited for. */
  private void responseGiven() {
    timeouts.responseGiven(loop.clock.monotonicNs());
    settle();
  }

  private void response(Response response, ResponseFraming manner) {
    writer.response(response, manner);
    isClosing |= manner.persistence() == ConnectionMode.CLOSE;
  }

  /** Answers bytes that were no request, behind the answers already owed, and takes no more. */
  private void refuse(HttpParseException malformed) {
    LOG.debug("refused: {} (from {})", malformed.getMessage(), channel.remoteAddress());
    refuse(malformed.status());
  }

  private void refuse(int status) {
    counters.refused(status);
    reader.reset();
    kept.clear();
    timeouts.requestArrives(false, false, nowNs);
    response(Response.ofStatus(status), ResponseFraming.PLAIN.closing());
  }

  // ---------------------------------------------------------------- output and back-pressure

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    settle();
  }

  /** Sends what was gathered, and sees whether the connection may go on or is at its end. */
  private void settle() {
    flush(false);
    if (isPaused && !mustPause()) {
      resume();
    }
    if (!lingeringClose.isSaid() && writer.pendingCount() == 0 && isAtEnd()) {
      isClosing = true;
      lingeringClose.say();
    }
  }

  /**
   * Hands the responses gathered to the socket.
   *
   * @param isResumed whether the socket was not read for a while
   */
  private void flush(boolean isResumed) {
    if (loop.stage() != Stage.SERVING) {
      boolean isAllRead = loop.stage() == Stage.ENDING || (!isResumed && isSocketEmpty());
      writer.release(isAllRead && isBetweenRequests());
    }
    isClosing |= writer.isClosing();
    writer.flush();
  }

  private boolean isBetweenRequests() {
    return !isPaused && !reader.isInBody() && kept.isEmpty();
  }

  /** Whether the last read found less than it had room for. */
  private boolean isSocketEmpty() {
    var lastRead = channel.unsafe().recvBufAllocHandle();
    return lastRead.lastBytesRead() <= 0
        || lastRead.lastBytesRead() < lastRead.attemptedBytesRead();
  }

  /** Whether no request can follow the ones that were answered. */
  private boolean isAtEnd() {
    return isClosing
        || (lingeringClose.hasInputEnded() && !isPaused)
        || (loop.stage() == Stage.ENDING && isBetweenRequests() && isSilent());
  }

  /** Whether no request is to be expected any more on a connection of a stopping node. */
  private boolean isSilent() {
    return loop.clock.monotonicNs() >= loop.silenceEndsNs(timeouts.lastReceivedNs());
  }

  private boolean mustPause() {
    if (writer.batchBytes() >= settings.writeBufferBytesMax()) {
      writer.flush();
    }
    return orderedPlace != null
        || !channel.isWritable()
        || writer.pendingCount() >= settings.pendingResponsesMax();
  }

  private void pause() {
    isPaused = true;
    channel.config().setAutoRead(false);
  }

  private void resume() {
    isPaused = false;
    nowNs = loop.clock.monotonicNs();
    byte[] waiting = kept.bytes();
    consume(waiting, waiting.length);
    flush(true);
    if (!isPaused) {
      channel.config().setAutoRead(true);
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (channel.isWritable()) {
      timeouts.writable();
      if (!isParsing) {
        settle();
      }
    } else {
      timeouts.unwritable(loop.clock.monotonicNs());
    }
  }

  // ---------------------------------------------------------------- ends

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      lingeringClose.inputEnded();
      writer.endStreams();
      settle();
    }
  }

  /** Ends the connection if it has waited too long for its peer, or if the node's stop requires. */
  @Override
  public long check(long now) {
    if (loop.stage() == Stage.SERVING) {
      endIfTimedOut(now);
    } else {
      writer.endStreams();
      endIfTimedOut(now);
      settle();
    }
    return nextCheckNs(now);
  }

  private long nextCheckNs(long now) {
    long nextNs = timeouts.nextCheckNs(now);
    if (loop.stage() != Stage.ENDING) {
      return nextNs;
    }
    long silenceEndsNs = loop.silenceEndsNs(timeouts.lastReceivedNs());
    return silenceEndsNs > now ? Math.min(nextNs, silenceEndsNs) : nextNs;
  }

  private void endIfTimedOut(long now) {
    switch (timeouts.kind(now, unsentBytes() > 0, writer.pendingCount() > 0)) {
      case NOTHING -> {}
      case IDLE -> cut(Closed.IDLE);
      case SLOW_READER -> cut(Closed.SLOW_READER);
      case SLOW_REQUEST -> {
        counters.connectionClosed(Closed.SLOW_REQUEST);
        refuse(408);
        settle();
      }
      case LINGERED -> channel.close();
    }
  }

  /** Bytes of answers that the socket has not taken. */
  long unsentBytes() {
    return lingeringClose.unsentBytes();
  }

  private void cut(Closed reason) {
    counters.connectionClosed(reason);
    channel.close();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof IOException) {
      LOG.debug("connection lost: {} ({})", cause.getMessage(), channel.remoteAddress());
    } else {
      counters.failed();
      LOG.error("connection closed for a defect of ours ({})", channel.remoteAddress(), cause);
    }
    channel.close();
  }
}
