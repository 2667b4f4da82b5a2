// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.systole.client.api.FailureReason;
import io.systole.client.heartbeat.FrameBuffer;
import io.systole.client.heartbeat.HeartbeatFrame;
import io.systole.client.heartbeat.RequestType;
import io.systole.client.heartbeat.Session;
import io.systole.protocol.http.HttpParseException;
import io.systole.protocol.renewal.LeaseHandle;
import io.systole.protocol.time.Clock;
import java.io.IOException;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One TCP connection, from the attempt to open it to its end. Requests are pipelined up to a limit.
 * Responses are matched by order, so only closing can distinguish a late response from a missing
 * one.
 */
public final class Connection extends ChannelInboundHandlerAdapter implements ResponseDecoder.Sink {
  /*
   *   CONNECTING --active, with TLS: handshake done--> OPEN --lost, timed out, malformed--> ENDED
   *        |                                                                  ^
   *        +----------------------- failed, closed, drained ------------------+
   *
   * Confined to one event loop.
   */
  private enum State {
    CONNECTING,
    OPEN,
    ENDED
  }

  /** The slot of a connection. */
  public interface Owner {
    /** Returns whether requests may be sent. */
    boolean acceptsRequests();

    /** Returns whether the connection must end once it is idle. */
    boolean isDraining();

    boolean isTls();

    /**
     * Returns a further limit on the requests in flight; the connection's own limit applies too.
     */
    int depth();

    /** Called when the connection is open. */
    void opened(Connection connection);

    /** Called at the end of a read cycle, after its responses. */
    void cycleEnded(Connection connection, int bytesReceived);

    /** Called after all requests of the ended connection were reported. */
    void ended(Connection connection, End end, String cause);
  }

  /**
   * A listener for the connections of one event loop, called on that loop. Requests may be sent
   * from {@link #cycleEnded}, {@link #opened} and {@link #resumed}, not from the other methods.
   */
  public interface Listener {
    /**
     * Called when requests go to this server from now on; followed by {@link #opened} for its first
     * connection.
     */
    void connected(ServerAddress server);

    /**
     * Called after {@link #connected} if requests went to another server before.
     *
     * @param from the server used before, or tried without success
     */
    void failedOver(ServerAddress from, ServerAddress to, String cause);

    /** Called when a connection is ready for requests. */
    void opened(Connection connection);

    /** Called when a connection could not be opened. */
    void notOpened();

    /** Called when the delay requested by the server has passed. */
    void resumed();

    /** Called when the server has requested a delay for registrations and cancels only. */
    void changesDeferred(long untilNs);

    /**
     * Called for the response to the oldest request.
     *
     * @param connection its {@link Connection#text()} is the beginning of the body until this
     *     returns
     */
    void answered(
        Connection connection,
        Session session,
        RequestType type,
        int status,
        long dueNs,
        long sentNs,
        long answeredNs);

    /**
     * Called for the response to the oldest request, a frame.
     *
     * @param body empty unless the status is 200
     */
    void answered(
        Connection connection,
        HeartbeatFrame frame,
        int status,
        byte[] body,
        long sentNs,
        long answeredNs);

    /** Called when a frame has failed without a response. */
    void failed(HeartbeatFrame frame, FailureReason reason);

    /** Called when a frame was not processed, like a request. */
    void unprocessed(HeartbeatFrame frame);

    /** Called when a request has failed without a response. */
    void failed(Session session, RequestType type, FailureReason reason, long dueNs);

    /**
     * Called when a request was not processed: its connection was closed in an orderly way before
     * its response (RFC 9112 §9.6). It may be sent again.
     */
    void unprocessed(Session session, RequestType type, long dueNs);

    /** Called at the end of a read cycle, after its responses; connections may have space again. */
    void cycleEnded(Connection connection, int bytesReceived);

    /**
     * Called after a connection has ended, or failed to open, and all its requests were reported.
     */
    void closed();
  }

  /** The consequence of a connection's end for the health of its server. */
  public enum End {
    /**
     * None: the server closed an idle connection, or between two responses; requests behind the
     * last response were not processed.
     */
    ORDERLY,
    /** A response was overdue. */
    OVERDUE,
    /** The connection was lost, received malformed bytes, or was never opened. */
    BROKEN
  }

  private static final Logger log = LoggerFactory.getLogger(Connection.class);

  private static final int OK = 200;
  private static final int NO_CONTENT = 204;

  private final Owner slot;
  private final Listener listener;
  private final Clock clock;
  private final InFlightQueue inFlight;
  private final ResponseDecoder decoder;
  private final long responseTimeoutNs;
  private final CumulationBuffer cumulation;
  private final LoopStalls stalls;

  /** Null if frames are not used. */
  private final @Nullable FrameSupport frameSupport;

  private int framesInFlight;

  private State state = State.CONNECTING;
  private boolean wasOpen;
  private boolean hasServed;
  private @Nullable Channel channel;
  private int cycleBytes;
  private long answeredNs;
  private long openedNs;
  private final long ageNsMax;

  /** Beyond its maximum age: accepts no more requests and ends when idle. */
  private boolean isRetiring;

  private boolean hasLostPipeline;

  /** A heartbeat of this read cycle was refused with Retry-After. */
  private boolean hasBeatRetryAfter;

  Connection(Owner slot, ConnectionContext context, Listener listener) {
    ConnectionSettings settings = context.settings();
    this.slot = slot;
    this.listener = listener;
    this.clock = context.clock();
    this.cumulation = new CumulationBuffer(context.readBuffer().bytes);
    this.inFlight = new InFlightQueue(settings.inFlightMax());
    this.frameSupport = settings.usesFrames() ? new FrameSupport() : null;
    this.decoder = new ResponseDecoder(
        settings.limits(), settings.responseBodyBytesMax(), settings.usesFrames());
    this.stalls = context.stalls();
    this.ageNsMax = TimeUnit.MILLISECONDS.toNanos(ageMsMax(settings, context.random()));
    this.responseTimeoutNs = TimeUnit.MILLISECONDS.toNanos(settings.responseTimeoutMs());
  }

  /** Randomizes the age, so that connections opened together are not replaced together. */
  private static long ageMsMax(ConnectionSettings settings, SplittableRandom random) {
    long maxMs = settings.connectionAgeMsMax();
    return maxMs == 0 ? 0 : maxMs - random.nextLong(maxMs / 4 + 1);
  }

  /**
   * Returns the number of requests that may be sent now; 0 unless the connection is open and its
   * server accepts requests.
   */
  public int space() {
    boolean isUsable = state == State.OPEN && !isRetiring && slot.acceptsRequests();
    return isUsable ? Math.max(0, Math.min(inFlight.space(), slot.depth() - inFlight.count())) : 0;
  }

  /** Returns whether a frame on this connection may have this handle. */
  public boolean accepts(@Nullable LeaseHandle handle) {
    return frameSupport != null && frameSupport.accepts(handle);
  }

  /** Returns whether the server supports frames. */
  public boolean isFrameOffered() {
    return frameSupport != null && frameSupport.isOffered();
  }

  /** Returns whether a further frame may be sent, if the server supports them. */
  public boolean hasFrameSpace() {
    return framesInFlight < FrameSupport.IN_FLIGHT_MAX && space() > 0;
  }

  /** Returns whether the next request should request a handle, unless the session has one. */
  public boolean requestsHandle(long nowNs) {
    return frameSupport != null && frameSupport.requestsHandle(inFlight.added(), nowNs);
  }

  /** Stops the use of frames for a while, because one was refused. */
  public void frameRefused(long nowNs) {
    if (frameSupport != null) {
      frameSupport.refused(nowNs);
    }
  }

  /**
   * Handles the refusal of a frame for load.
   *
   * @return whether frames remain in use; otherwise as after {@link #frameRefused}
   */
  public boolean frameRefusedForLoad(long sentNs, long nowNs) {
    return frameSupport != null && frameSupport.refusedForLoad(sentNs, nowNs);
  }

  /** Handles the acceptance of a frame. */
  public void frameAccepted() {
    if (frameSupport != null) {
      frameSupport.accepted();
    }
  }

  /** Returns the slot of this connection. */
  public Owner slot() {
    return slot;
  }

  /** Returns the number of responses received. */
  int responses() {
    return inFlight.removed();
  }

  /** Returns whether the slot may reconnect at once after this connection has ended. */
  boolean hasServed() {
    return isRetiring || hasServed;
  }

  /** Returns whether the server closed the connection with requests behind the last response. */
  boolean hasLostPipeline() {
    return hasLostPipeline;
  }

  public int inFlight() {
    return inFlight.count();
  }

  /** Returns whether it was ever open. */
  boolean wasOpen() {
    return wasOpen;
  }

  /** Returns the beginning of an error response's body, valid during its callback. */
  public String text() {
    return decoder.text();
  }

  /** Returns whether a response of this read cycle carried Retry-After. */
  public boolean hasRetryAfter() {
    return decoder.retryAfter() != null;
  }

  /**
   * Returns the delay requested by Retry-After in this read cycle, ms; 0 without a valid field.
   *
   * @param wallMs current epoch ms
   */
  public long retryAfterMs(long wallMs) {
    String field = decoder.retryAfter();
    return field == null ? 0 : Math.max(0, RetryAfter.ms(field, wallMs));
  }

  /** Returns whether a heartbeat's response carried Retry-After, and clears the flag. */
  boolean takeBeatRetryAfter() {
    boolean taken = hasBeatRetryAfter;
    hasBeatRetryAfter = false;
    return taken;
  }

  /** Returns the last Retry-After field and clears it; null if there was none. */
  @Nullable
  String takeRetryAfter() {
    return decoder.takeRetryAfter();
  }

  /** Returns the status of the last response; 0 before the first. */
  int lastStatus() {
    return decoder.status();
  }

  /** Adds a request whose bytes will be part of the next {@link #write}. */
  public void requested(Session session, RequestType type, long dueNs, long nowNs) {
    inFlight.add(session, type, dueNs, nowNs);
  }

  /** Adds a frame like {@link #requested(Session, RequestType, long, long)}. */
  public void requested(HeartbeatFrame frame, long nowNs) {
    inFlight.add(frame, nowNs);
    framesInFlight++;
  }

  /** Sends the requests added since the last call, in one write. */
  public void write(FrameBuffer frames) {
    Channel open = channel;
    if (open == null || !wasOpen) {
      throw new IllegalStateException("write before the connection was open");
    }
    ByteBuf out = open.alloc().directBuffer(frames.length());
    out.writeBytes(frames.bytes(), 0, frames.length());
    // A failed write is reported by exceptionCaught.
    open.writeAndFlush(out, open.voidPromise());
  }

  /**
   * Ends the connection if its oldest request is overdue, or if it is idle and beyond its maximum
   * age.
   */
  void expire(long nowNs) {
    if (state == State.OPEN && ageNsMax > 0 && nowNs - openedNs >= ageNsMax) {
      isRetiring = true;
      endIfDrained();
    }
    if (state == State.OPEN && inFlight.count() > 0 && isExpired(nowNs)) {
      end(
          End.OVERDUE,
          FailureReason.CONNECTION_LOST,
          "no response within responseTimeoutMs="
              + TimeUnit.NANOSECONDS.toMillis(responseTimeoutNs),
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

  /** Ends the connection if it is draining and idle. */
  void endIfDrained() {
    boolean mustDrain = isRetiring || slot.isDraining();
    if (mustDrain && inFlight.count() == 0) {
      end(End.ORDERLY, FailureReason.CONNECTION_LOST, "drained", clock.monotonicNs());
    }
  }

  /**
   * Sets the channel before it connects, so that {@link #close} can close it: the event loop of a
   * closed client stops without closing a channel that is still connecting.
   */
  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    channel = context.channel();
    if (state == State.ENDED) {
      context.close();
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    if (state == State.CONNECTING && !slot.isTls()) {
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
    slot.opened(this);
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
        int end = cumulation.fill(in);
        cumulation.keep(decoder.read(cumulation.bytes(), 0, end, this), end);
      }
      if (decoder.isOver()) {
        hasLostPipeline = inFlight.count() > 0;
        end(
            End.ORDERLY,
            FailureReason.CONNECTION_LOST,
            "server sent Connection: close",
            answeredNs);
      }
    } catch (HttpParseException e) {
      endMalformed("malformed response: " + e.reason());
    }
  }

  private void endMalformed(String cause) {
    end(End.BROKEN, FailureReason.MALFORMED_RESPONSE, cause, answeredNs);
  }

  @Override
  public boolean answered(int status) {
    if (inFlight.count() == 0) {
      endMalformed("response " + status + " without a request");
      return false;
    }
    boolean isFrame = inFlight.isFrame();
    if (OverloadStatus.is(status) && (isFrame || inFlight.type() == RequestType.BEAT)) {
      hasBeatRetryAfter |= hasRetryAfter();
    }
    long sentNs = inFlight.sentNs();
    if (isFrame) {
      HeartbeatFrame frame = takeFrame();
      listener.answered(this, frame, status, decoder.body(), sentNs, answeredNs);
      return state == State.OPEN;
    }
    RequestType type = inFlight.type();
    Session session = inFlight.session();
    long dueNs = inFlight.dueNs();
    if (frameSupport != null && type != RequestType.CANCEL && isSuccess(status)) {
      storeHandle(frameSupport, session, type);
    }
    inFlight.remove();
    listener.answered(this, session, type, status, dueNs, sentNs, answeredNs);
    return state == State.OPEN;
  }

  private HeartbeatFrame takeFrame() {
    HeartbeatFrame frame = inFlight.frame();
    inFlight.remove();
    framesInFlight--;
    return frame;
  }

  private static boolean isSuccess(int status) {
    return status == OK || status == NO_CONTENT;
  }

  /** Stores the handle of the response to the oldest request. A registration replaces any. */
  private void storeHandle(FrameSupport support, Session session, RequestType type) {
    String field = decoder.lease();
    support.answered(inFlight.removed(), field, answeredNs);
    if (field != null || type == RequestType.REGISTER) {
      session.handle(field == null ? null : LeaseHandle.parse(field));
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    int bytes = cycleBytes;
    cycleBytes = 0;
    if (bytes > 0) {
      slot.cycleEnded(this, bytes);
      endIfDrained();
    }
  }

  /** An end between two responses is orderly, unless there was no response. */
  @Override
  public void channelInactive(ChannelHandlerContext context) {
    boolean isOrderly = responses() != 0 && cumulation.isEmpty() && decoder.isBetweenResponses();
    socketClosed(isOrderly, "server closed the connection");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    Throwable inner = cause instanceof DecoderException ? cause.getCause() : cause;
    if (state != State.ENDED && !(inner instanceof IOException)) {
      log.error("unexpected failure on a connection, closing it", cause);
    }
    socketClosed(false, String.valueOf(cause.getMessage()));
  }

  /** The end of an idle connection is always orderly. */
  private void socketClosed(boolean isOrderly, String cause) {
    boolean isHarmless = state == State.OPEN && (isOrderly || inFlight.count() == 0);
    hasLostPipeline = state == State.OPEN && inFlight.count() > 1;
    end(
        isHarmless ? End.ORDERLY : End.BROKEN,
        FailureReason.CONNECTION_LOST,
        cause,
        clock.monotonicNs());
  }

  /**
   * Reports the outcome of all requests in flight, oldest first, then the end of the connection.
   */
  private void end(End end, FailureReason reason, String cause, long nowNs) {
    if (state == State.ENDED) {
      return;
    }
    state = State.ENDED;
    hasServed = responses() != 0;
    while (inFlight.count() > 0) {
      boolean isExpired = isExpired(nowNs);
      boolean isUnprocessed = end == End.ORDERLY && !isExpired;
      endOldest(isUnprocessed, isExpired ? FailureReason.TIMED_OUT : reason);
    }
    if (channel != null) {
      channel.close();
    }
    slot.ended(this, end, cause);
  }

  private void endOldest(boolean isUnprocessed, FailureReason reason) {
    if (inFlight.isFrame()) {
      HeartbeatFrame frame = takeFrame();
      if (isUnprocessed) {
        listener.unprocessed(frame);
      } else {
        listener.failed(frame, reason);
      }
      return;
    }
    Session session = inFlight.session();
    RequestType type = inFlight.type();
    long dueNs = inFlight.dueNs();
    inFlight.remove();
    if (isUnprocessed) {
      listener.unprocessed(session, type, dueNs);
    } else {
      listener.failed(session, type, reason, dueNs);
    }
  }
}
