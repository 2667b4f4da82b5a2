// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.systole.client.heartbeat.FailureReason;
import io.systole.client.heartbeat.FrameBuffer;
import io.systole.client.heartbeat.RequestType;
import io.systole.client.heartbeat.Session;
import io.systole.client.time.Clock;
import io.systole.protocol.http.HttpParseException;
import java.io.IOException;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One TCP connection, from the attempt to open it to its end. Requests are pipelined up to a bound;
 * answers are matched by their order, so a late answer can only be told from a missing one by
 * closing.
 */
public final class Connection extends ChannelInboundHandlerAdapter implements ResponseDecoder.Sink {
  /*
   *   CONNECTING --active, over TLS: hands shaken--> OPEN --lost, timed out, malformed--> ENDED
   *        |                                                                ^
   *        +--------------------- failed, closed, drained ------------------+
   *
   * Everything runs on one event loop. All connections of a loop read through one scratch array; what
   * is left of an unfinished head is carried over in an array of the connection's own.
   */
  private enum State {
    CONNECTING,
    OPEN,
    ENDED
  }

  /** What its end says of the server. */
  enum End {
    /**
     * Nothing: it closed an idle connection, or between two responses; requests behind the last
     * response were not processed.
     */
    ORDERLY,
    /** An answer was overdue. */
    OVERDUE,
    /** It was lost, spoke wrongly, or was never opened. */
    BROKEN
  }

  private static final Logger log = LoggerFactory.getLogger(Connection.class);
  private static final byte[] NOTHING = {};

  private final ConnectionSlot line;
  private final ConnectionListener responses;
  private final Clock clock;
  private final InFlightQueue inFlight;
  private final ResponseDecoder reader;
  private final long responseTimeoutNs;
  private final byte[] scratch;
  private final LoopStalls stalls;

  private State state = State.CONNECTING;
  private boolean wasOpen;
  private boolean hasServed;
  private @Nullable Channel channel;
  private byte[] carried = NOTHING;
  private int carriedLength;
  private int cycleBytes;
  private long answeredNs;
  private long openedNs;
  private final long ageNsMax;

  /** Too old: takes no more requests, and ends when nothing is in flight. */
  private boolean isRetiring;

  private boolean hasLostPipeline;

  /** A beat of this read cycle was refused, and it was said when to come again. */
  private boolean wasSaidToBeat;

  Connection(ConnectionSlot line, ConnectionContext parts) {
    ConnectionSettings settings = parts.settings();
    this.line = line;
    this.responses = parts.responses();
    this.clock = parts.clock();
    this.scratch = parts.scratch().bytes;
    this.inFlight = new InFlightQueue(settings.inFlightMax());
    this.reader = new ResponseDecoder(settings.limits(), settings.responseBodyBytesMax());
    this.stalls = parts.stalls();
    this.ageNsMax = TimeUnit.MILLISECONDS.toNanos(ageMsMax(settings, parts.random()));
    this.responseTimeoutNs = TimeUnit.MILLISECONDS.toNanos(settings.responseTimeoutMs());
  }

  /** Not all connections that were opened together are replaced together. */
  private static long ageMsMax(ConnectionSettings settings, SplittableRandom random) {
    long maxMs = settings.connectionAgeMsMax();
    return maxMs == 0 ? 0 : maxMs - random.nextLong(maxMs / 4 + 1);
  }

  /** Returns how many requests may be sent now; 0 unless it is open and its server to be asked. */
  public int space() {
    boolean mayAsk = state == State.OPEN && !isRetiring && line.mayAsk();
    return mayAsk ? Math.max(0, Math.min(inFlight.space(), line.depth() - inFlight.count())) : 0;
  }

  /** Returns the line that this connection belongs to. */
  public ConnectionSlot line() {
    return line;
  }

  /** Returns how many responses have come. */
  int responses() {
    return inFlight.taken();
  }

  /** Returns whether a line's next connection may be opened at once when this one has ended. */
  boolean hasServed() {
    return isRetiring || hasServed;
  }

  /** Returns whether the server has ended it with requests behind the last response. */
  boolean hasLostPipeline() {
    return hasLostPipeline;
  }

  public int inFlight() {
    return inFlight.count();
  }

  /** Says whether it was ever open; an ended connection may not have been. */
  boolean wasOpen() {
    return wasOpen;
  }

  /** Returns the beginning of an error answer's body, while it is being told. */
  public String text() {
    return reader.text();
  }

  /** Says whether an answer of this read cycle said when to come again. */
  public boolean saidRetryAfter() {
    return reader.retryAfter() != null;
  }

  /** Returns whether that was said to a beat, and forgets it. */
  boolean takeSaidToBeat() {
    boolean taken = wasSaidToBeat;
    wasSaidToBeat = false;
    return taken;
  }

  /** Returns what was said and forgets it; null when no answer said it. */
  @Nullable
  String takeRetryAfter() {
    return reader.takeRetryAfter();
  }

  /** Returns the status of the last answer; 0 before the first. */
  int lastStatus() {
    return reader.status();
  }

  /** Notes a request whose frame will be part of the next {@link #write}. */
  public void requested(Session session, RequestType ask, long dueNs, long nowNs) {
    inFlight.add(session, ask, dueNs, nowNs);
  }

  /** Sends the frames of all requests noted since the last call, in one write. */
  public void write(FrameBuffer frames) {
    Channel open = channel;
    if (open == null) {
      throw new IllegalStateException("written to before it was open");
    }
    ByteBuf out = open.alloc().directBuffer(frames.length());
    out.writeBytes(frames.bytes(), 0, frames.length());
    // A failed write comes back as an exception in the pipeline.
    open.writeAndFlush(out, open.voidPromise());
  }

  /** Ends the connection when its oldest request has waited too long, or when it is too old. */
  void expire(long nowNs) {
    if (state == State.OPEN && ageNsMax > 0 && nowNs - openedNs >= ageNsMax) {
      isRetiring = true;
      endIfDrained();
    }
    if (state == State.OPEN && inFlight.count() > 0 && isExpired(nowNs)) {
      end(
          End.OVERDUE,
          FailureReason.CONNECTION_LOST,
          "no answer within answerTimeoutMs=" + TimeUnit.NANOSECONDS.toMillis(responseTimeoutNs),
          nowNs);
    }
  }

  private boolean isExpired(long nowNs) {
    long sentNs = inFlight.sentNs();
    long waitedNs = nowNs - sentNs;
    return waitedNs >= responseTimeoutNs && waitedNs - stalls.sinceNs(sentNs) >= responseTimeoutNs;
  }

  /** Ends the connection; requests in flight fail as lost. */
  void close(String cause) {
    end(End.BROKEN, FailureReason.CONNECTION_LOST, cause, clock.monotonicNs());
  }

  /** Ends the connection when nothing is in flight and nothing may be sent any more. */
  void endIfDrained() {
    boolean mustDrain = isRetiring || line.duty() == ConnectionSlot.SlotState.DRAINING;
    if (mustDrain && inFlight.count() == 0) {
      end(End.ORDERLY, FailureReason.CONNECTION_LOST, "drained", clock.monotonicNs());
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    if (state == State.ENDED) {
      context.close();
      return;
    }
    channel = context.channel();
    if (!line.isTls()) {
      becomeOpen();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (state == State.CONNECTING && event instanceof SslHandshakeCompletionEvent handshake) {
      if (handshake.isSuccess()) {
        becomeOpen();
      } else {
        close("TLS handshake failed: " + handshake.cause().getMessage());
      }
    }
  }

  private void becomeOpen() {
    wasOpen = true;
    state = State.OPEN;
    openedNs = clock.monotonicNs();
    line.opened(this);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf in = (ByteBuf) message;
    try {
      if (state == State.OPEN) {
        answeredNs = clock.monotonicNs();
        cycleBytes += in.readableBytes();
        read(in);
      }
    } finally {
      in.release();
    }
  }

  private void read(ByteBuf in) {
    try {
      while (in.isReadable() && state == State.OPEN) {
        int from = carriedLength;
        int taken = Math.min(in.readableBytes(), scratch.length - from);
        System.arraycopy(carried, 0, scratch, 0, from);
        in.readBytes(scratch, from, taken);
        int end = from + taken;
        carry(reader.read(scratch, 0, end, this), end);
      }
      if (reader.isOver()) {
        hasLostPipeline = inFlight.count() > 0;
        end(End.ORDERLY, FailureReason.CONNECTION_LOST, "server said close", answeredNs);
      }
    } catch (HttpParseException e) {
      endMalformed("malformed answer: " + e.reason());
    }
  }

  private void endMalformed(String cause) {
    end(End.BROKEN, FailureReason.MALFORMED_RESPONSE, cause, answeredNs);
  }

  private void carry(int from, int to) {
    carriedLength = to - from;
    if (carried.length < carriedLength) {
      carried = Arrays.copyOf(carried, Math.max(carriedLength, 2 * carried.length));
    }
    System.arraycopy(scratch, from, carried, 0, carriedLength);
  }

  @Override
  public boolean answered(int status) {
    if (inFlight.count() == 0) {
      endMalformed("answer " + status + " that nobody asked for");
      return false;
    }
    Session session = inFlight.session();
    RequestType ask = inFlight.ask();
    long dueNs = inFlight.dueNs();
    long sentNs = inFlight.sentNs();
    inFlight.take();
    if (OverloadStatus.is(status) && ask == RequestType.BEAT) {
      wasSaidToBeat |= saidRetryAfter();
    }
    responses.answered(this, session, ask, status, dueNs, sentNs, answeredNs);
    return state == State.OPEN;
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    int bytes = cycleBytes;
    cycleBytes = 0;
    if (bytes > 0) {
      line.cycleEnded(this, bytes);
      endIfDrained();
    }
  }

  /** An end between two responses says nothing of the server, unless there was none. */
  @Override
  public void channelInactive(ChannelHandlerContext context) {
    boolean isOrderly = responses() != 0 && carriedLength == 0 && reader.isBetweenResponses();
    endBySocket(isOrderly, "server closed the connection");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    Throwable inner = cause instanceof DecoderException ? cause.getCause() : cause;
    if (state != State.ENDED && !(inner instanceof IOException)) {
      log.error("defect while talking to the server, the connection ends", cause);
    }
    endBySocket(false, String.valueOf(cause.getMessage()));
  }

  /** An idle connection may end in any way without saying anything of the server. */
  private void endBySocket(boolean isOrderly, String cause) {
    boolean isHarmless = state == State.OPEN && (isOrderly || inFlight.count() == 0);
    hasLostPipeline = state == State.OPEN && inFlight.count() > 1;
    end(
        isHarmless ? End.ORDERLY : End.BROKEN,
        FailureReason.CONNECTION_LOST,
        cause,
        clock.monotonicNs());
  }

  /** Tells the fate of all requests in flight, oldest first, then that of the connection. */
  private void end(End how, FailureReason reason, String cause, long nowNs) {
    if (state == State.ENDED) {
      return;
    }
    state = State.ENDED;
    hasServed = responses() != 0;
    while (inFlight.count() > 0) {
      Session session = inFlight.session();
      RequestType ask = inFlight.ask();
      long dueNs = inFlight.dueNs();
      boolean isExpired = isExpired(nowNs);
      inFlight.take();
      if (how == End.ORDERLY && !isExpired) {
        responses.unprocessed(session, ask, dueNs);
      } else {
        responses.failed(session, ask, isExpired ? FailureReason.TIMED_OUT : reason, dueNs);
      }
    }
    if (channel != null) {
      channel.close();
    }
    line.ended(this, how, cause);
  }
}
