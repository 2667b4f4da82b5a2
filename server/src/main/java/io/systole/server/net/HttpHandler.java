// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.systole.protocol.http.BodyFraming;
import io.systole.protocol.http.HttpMethod;
import io.systole.protocol.http.MalformedHttp;
import io.systole.protocol.http.RequestHead;
import io.systole.protocol.http.RequestHeadParser;
import io.systole.server.metrics.Counters;
import io.systole.server.metrics.Counters.Closed;
import io.systole.server.net.CannedReplies.Persistence;
import io.systole.server.net.ReplyWriter.Manner;
import io.systole.server.route.RenewTarget;
import io.systole.server.route.Reply;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection: bytes in, requests to their destinations, answers out in order. */
final class HttpHandler extends ChannelInboundHandlerAdapter {
  /*
   * Everything here happens on the connection's event loop.
   *
   *             head complete, with a body       body complete
   *     HEAD ------------------------------> BODY ------------> HEAD
   *       |                                    |
   *       '--- malformed, closing answer ------'---> LINGER ---> closed
   *
   * In LINGER nothing is answered any more. Input is still read, and dropped, for a while: closing a
   * socket with unread input would reset it, and the peer might never see its last answers.
   *
   * Bytes that can't be used yet (half a head, or whole requests while the peer must first read its
   * answers) are kept in `kept`, which is empty between requests: an idle connection holds no buffer.
   */

  private enum Phase {
    HEAD,
    BODY,
    LINGER
  }

  private static final Logger LOG = LoggerFactory.getLogger(HttpHandler.class);
  private static final byte[] NONE = {};

  /** How long a closing connection's input is still read. */
  private static final long LINGER_NS = TimeUnit.SECONDS.toNanos(2);

  private final Destinations destinations;
  private final NetSettings settings;
  private final Counters counters;
  private final LoopContext loop;
  private final Channel channel;
  private final ReplyWriter writer;
  private final RequestHeadParser parser;
  private final RenewTarget target = new RenewTarget();
  private final BodyFraming framing;
  private final BodyCollector body;

  private Phase phase = Phase.HEAD;
  private byte[] kept = NONE;
  private Exchange exchange = Exchange.NONE;
  private long nowNs;
  private int requestsThisRead;

  /** While it is true, {@link #settle} would judge by a state that is about to change. */
  private boolean isParsing;

  private boolean isPaused;
  private boolean isDraining;
  private boolean inputEnded;

  private long lastInputNs;

  /** When the request that is arriving began; 0 while none is. */
  private long requestBeganNs;

  /** Since when answers wait for the peer to read; 0 while they don't. */
  private long unwritableSinceNs;

  private long lingerUntilNs;

  HttpHandler(
      Channel channel,
      LoopContext loop,
      Destinations destinations,
      NetSettings settings,
      Counters counters) {
    this.channel = channel;
    this.loop = loop;
    this.destinations = destinations;
    this.settings = settings;
    this.counters = counters;
    this.writer = new ReplyWriter(channel, loop.canned, counters);
    this.parser = new RequestHeadParser(settings.http());
    this.framing = new BodyFraming(settings.http());
    this.body = new BodyCollector(destinations.bodyBudget());
    this.lastInputNs = loop.clock.monotonicNs();
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    loop.add(this);
    counters.connectionOpened();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    loop.remove(this);
    counters.connectionEnded();
    phase = Phase.LINGER;
    writer.discard();
    body.reset();
    kept = NONE;
  }

  // ---------------------------------------------------------------- input

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    try {
      nowNs = loop.clock.monotonicNs();
      lastInputNs = nowNs;
      requestsThisRead = 0;
      int size = bytes.readableBytes();
      while (bytes.isReadable() && phase != Phase.LINGER) {
        take(bytes);
      }
      counters.read(requestsThisRead, size);
    } finally {
      bytes.release();
    }
  }

  /** Parses the next piece of what was read, behind what was kept. */
  private void take(ByteBuf bytes) {
    int length = Math.min(bytes.readableBytes(), LoopContext.READ_BYTES_MAX);
    if (isPaused) {
      int before = kept.length;
      kept = Arrays.copyOf(kept, before + length);
      bytes.readBytes(kept, before, length);
      return;
    }
    byte[] input = loop.input;
    int before = kept.length;
    System.arraycopy(kept, 0, input, 0, before);
    bytes.readBytes(input, before, length);
    consume(input, before + length);
  }

  /** Parses bytes from the start of the array and keeps what can't be used yet. */
  private void consume(byte[] bytes, int to) {
    int requestsBefore = requestsThisRead;
    int at = 0;
    isParsing = true;
    try {
      at = parse(bytes, to);
    } catch (MalformedHttp malformed) {
      refuse(malformed);
    } finally {
      isParsing = false;
    }
    if (phase == Phase.LINGER || at == to) {
      kept = NONE;
    } else if (at > 0 || bytes != kept) {
      kept = Arrays.copyOfRange(bytes, at, to);
    }
    trackArrival(requestsThisRead != requestsBefore);
  }

  /** Takes one request after the other; returns the index of the first byte not used. */
  private int parse(byte[] bytes, int to) throws MalformedHttp {
    int at = 0;
    while (at < to && phase != Phase.LINGER) {
      if (phase == Phase.BODY) {
        at = framing.read(bytes, at, to, body);
        if (framing.isComplete()) {
          finishRequest(at == to);
        }
        continue;
      }
      if (mustPause()) {
        pause();
        return at;
      }
      int end = parser.parse(bytes, at, to);
      if (end == RequestHeadParser.INCOMPLETE) {
        return at;
      }
      at = beginRequest(parser.head(), end, to);
    }
    return to;
  }

  /** Serves a plain heartbeat on the spot, or begins anything else; returns where input goes on. */
  private int beginRequest(RequestHead head, int headEnd, int to) throws MalformedHttp {
    requestsThisRead++;
    if (destinations.renewDoor().admits(head, target) && isBodyAtHand(head, to - headEnd)) {
      int end = headEnd + (int) head.contentLength();
      Reply reply = loop.renewService.renew(target, nowNs);
      answer(reply, closingIfDrained(mannerOf(head), end == to));
      return end;
    }
    framing.begin(head.contentLength(), head.isChunked(), settings.bodyBytesMax());
    exchange = destinations.open(head, mannerOf(head));
    body.begin(exchange.takesBody());
    phase = Phase.BODY;
    if (framing.isComplete()) {
      finishRequest(headEnd == to);
    } else if (head.expectsContinue()) {
      writer.interim();
    }
    return headEnd;
  }

  /** Whether there is no body, or one that can be skipped at once. */
  private boolean isBodyAtHand(RequestHead head, int available) {
    if (!head.hasBody()) {
      return true;
    }
    return !head.isChunked()
        && !head.expectsContinue()
        && head.contentLength() <= Math.min(available, settings.bodyBytesMax());
  }

  private Manner mannerOf(RequestHead head) {
    boolean keepAlive = head.keepAlive();
    boolean isHeadOnly = head.method() == HttpMethod.HEAD;
    if (keepAlive && head.isHttp11() && !isHeadOnly) {
      return Manner.PLAIN;
    }
    return new Manner(Persistence.of(head.isHttp11(), keepAlive), isHeadOnly);
  }

  /**
   * While the node drains, the answer to the last request that was read says that it is the last.
   */
  private Manner closingIfDrained(Manner manner, boolean isLastRead) {
    return isDraining && isLastRead ? new Manner(Persistence.CLOSE, manner.isHeadOnly()) : manner;
  }

  private void finishRequest(boolean isLastRead) {
    phase = Phase.HEAD;
    Exchange complete = exchange;
    exchange = Exchange.NONE;
    Manner manner = closingIfDrained(complete.manner(), isLastRead);
    if (body.isOverBudget()) {
      body.reset();
      answer(Reply.OVERLOADED, manner);
    } else if (complete.runsOnLoop()) {
      answer(destinations.call(complete, body.take()), manner);
    } else {
      delegate(complete, manner, body.take());
    }
  }

  /** Has a worker answer; the answer keeps its place in the order. */
  private void delegate(Exchange complete, Manner manner, byte[] content) {
    ReplyWriter.Owed place = writer.defer(manner);
    boolean accepted = destinations.workers().offer(() -> {
      Reply reply = destinations.call(complete, content);
      handOver(place, reply);
    });
    if (!accepted) {
      counters.workRefused();
      writer.complete(place, Reply.OVERLOADED);
    }
    if (manner.persistence() == Persistence.CLOSE) {
      phase = Phase.LINGER;
    }
  }

  /** Takes a worker's answer to the loop, unless the node has stopped and nobody waits for it. */
  private void handOver(ReplyWriter.Owed place, Reply reply) {
    try {
      loop.loop.execute(() -> deliver(place, reply));
    } catch (RejectedExecutionException stopped) {
      LOG.debug("a worker answered after the stop status={}", reply.status());
    }
  }

  private void deliver(ReplyWriter.Owed place, Reply reply) {
    if (!channel.isActive()) {
      return;
    }
    writer.complete(place, reply);
    settle();
  }

  private void answer(Reply reply, Manner manner) {
    writer.reply(reply, manner);
    if (manner.persistence() == Persistence.CLOSE) {
      phase = Phase.LINGER;
    }
  }

  /** Answers bytes that were no request, behind the answers already owed, and takes no more. */
  private void refuse(MalformedHttp malformed) {
    LOG.debug("refused: {} (from {})", malformed.getMessage(), channel.remoteAddress());
    refuse(malformed.status());
  }

  private void refuse(int status) {
    counters.refused(status);
    exchange = Exchange.NONE;
    body.reset();
    kept = NONE;
    requestBeganNs = 0;
    answer(Reply.ofStatus(status), new Manner(Persistence.CLOSE, false));
  }

  // ---------------------------------------------------------------- output and back-pressure

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    settle();
  }

  /** Sends what was gathered, and sees whether the connection may go on or is at its end. */
  private void settle() {
    writer.flush();
    if (isPaused && !mustPause()) {
      resume();
    }
    if (lingerUntilNs == 0 && writer.owedCount() == 0 && isAtEnd()) {
      endOutput();
    }
  }

  /** Whether no request can follow the ones that were answered. */
  private boolean isAtEnd() {
    boolean isBetweenRequests = phase == Phase.HEAD && kept.length == 0;
    return phase == Phase.LINGER || (inputEnded && !isPaused) || (isDraining && isBetweenRequests);
  }

  private boolean mustPause() {
    if (writer.batchBytes() >= settings.writeBufferBytesMax()) {
      writer.flush();
    }
    return !channel.isWritable() || writer.owedCount() >= settings.pendingAnswersMax();
  }

  private void pause() {
    isPaused = true;
    channel.config().setAutoRead(false);
  }

  private void resume() {
    isPaused = false;
    nowNs = loop.clock.monotonicNs();
    requestsThisRead = 0;
    byte[] waiting = kept;
    consume(waiting, waiting.length);
    counters.read(requestsThisRead, 0);
    writer.flush();
    if (!isPaused) {
      channel.config().setAutoRead(true);
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (channel.isWritable()) {
      unwritableSinceNs = 0;
      if (!isParsing) {
        settle();
      }
    } else {
      unwritableSinceNs = Math.max(1, loop.clock.monotonicNs());
    }
  }

  /** Sends the last bytes and ends our side; the peer is given time to read them. */
  private void endOutput() {
    phase = Phase.LINGER;
    lingerUntilNs = loop.clock.monotonicNs() + LINGER_NS;
    writer.flushLast().addListener(sent -> {
      lingerUntilNs = loop.clock.monotonicNs() + LINGER_NS;
      if (!inputEnded && sent.isSuccess() && channel instanceof DuplexChannel duplex) {
        duplex.shutdownOutput();
        channel.config().setAutoRead(true);
      } else {
        channel.close();
      }
    });
  }

  // ---------------------------------------------------------------- ends

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      inputEnded = true;
      if (lingerUntilNs != 0 && !isUnsent()) {
        channel.close();
      } else {
        settle();
      }
    }
  }

  private boolean isUnsent() {
    return channel.unsafe().outboundBuffer() != null
        && channel.unsafe().outboundBuffer().totalPendingWriteBytes() > 0;
  }

  /** Answers what was read and takes nothing new. */
  void drain() {
    isDraining = true;
    settle();
  }

  /** Ends the connection if it has waited too long for its peer. */
  void checkTimeouts(long now) {
    if (lingerUntilNs != 0) {
      if ((now > lingerUntilNs && !isUnsent())
          || hasPassed(now, lingerUntilNs, settings.writeTimeoutMs())) {
        channel.close();
      }
    } else if (unwritableSinceNs != 0) {
      closeAfter(now, unwritableSinceNs, settings.writeTimeoutMs(), Closed.SLOW_READER);
    } else if (requestBeganNs != 0) {
      if (hasPassed(now, requestBeganNs, settings.requestTimeoutMs())) {
        counters.connectionClosed(Closed.SLOW_REQUEST);
        refuse(408);
        settle();
      }
    } else if (writer.owedCount() == 0) {
      closeAfter(now, lastInputNs, settings.idleTimeoutMs(), Closed.IDLE);
    }
  }

  private void closeAfter(long now, long sinceNs, long timeoutMs, Closed reason) {
    if (hasPassed(now, sinceNs, timeoutMs)) {
      counters.connectionClosed(reason);
      channel.close();
    }
  }

  private static boolean hasPassed(long nowNs, long sinceNs, long timeoutMs) {
    return nowNs - sinceNs > TimeUnit.MILLISECONDS.toNanos(timeoutMs);
  }

  private void trackArrival(boolean hasBegunAnother) {
    boolean isPartOfHead = phase == Phase.HEAD && kept.length > 0 && !isPaused;
    boolean isArriving = phase == Phase.BODY || isPartOfHead;
    if (!isArriving) {
      requestBeganNs = 0;
    } else if (requestBeganNs == 0 || hasBegunAnother) {
      requestBeganNs = Math.max(1, nowNs);
    }
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
