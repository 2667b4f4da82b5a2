// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.systole.protocol.http.BodyFraming;
import io.systole.protocol.http.HttpParseException;
import io.systole.protocol.http.RequestHead;
import io.systole.protocol.http.RequestHeadParser;
import io.systole.server.auth.ConnectionIdentity;
import io.systole.server.auth.ConnectionIdentity.Outcome;
import io.systole.server.metrics.Counters.Denied;
import io.systole.server.metrics.Counters.Limit;
import io.systole.server.net.PreencodedResponses.ResponseFraming;
import io.systole.server.net.RequestDispatcher.PendingRequest;
import io.systole.server.route.HeartbeatMatcher;
import io.systole.server.route.HeartbeatMatcher.HeartbeatRequest;
import io.systole.server.route.RepeatedHeartbeatMatcher;
import io.systole.server.route.SourceAddress;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Decodes the bytes of one connection into requests. Confined to the connection's loop. */
final class RequestDecoder {
  /** Receives the requests in order. */
  interface Sink {
    /** Returns whether the next request may be decoded. Called before each. */
    boolean isReady();

    /**
     * Handles a heartbeat that the fast path has matched.
     *
     * @param heartbeat valid during the call
     */
    void onHeartbeat(HeartbeatRequest heartbeat, ResponseFraming framing);

    /** Handles any other request. The body is empty unless the route takes one. */
    void onRequest(PendingRequest pendingRequest, byte[] body);

    /** Returns whether a request that is no heartbeat is admitted. Called before its body. */
    boolean isAdmitted(RequestHead head) throws HttpParseException;

    /** Refuses a request that was not admitted; its body was discarded, or none is read. */
    void onNotAdmitted(ResponseFraming framing);

    /** Rejects a request whose body exceeded a quota and was discarded. */
    void onQuotaExceeded(PendingRequest pendingRequest);

    /** Suspends decoding, before a request whose sender is being authenticated. */
    void onAuthenticating();

    /** Sends 100 Continue to a client that waits for it before its body. */
    void onContinueExpected();
  }

  private static final byte[] EMPTY = {};

  /** Returned by {@link #begin} if the request's sender is being authenticated. */
  private static final int AUTHENTICATING = -1;

  /** The longest body that is received only to keep the connection usable: one read. */
  private static final int REFUSED_BODY_BYTES_MAX = LoopContext.READ_BYTES_MAX;

  private final HeartbeatMatcher heartbeatMatcher;
  /** That of the connection's start; a denial is kept while the header fields repeat. */
  private final AccessPolicy access;

  private final RequestDispatcher dispatcher;
  private final Channel channel;
  private final int bodyBytesMax;
  private final RequestHeadParser parser;
  private final HeartbeatRequest heartbeat = new HeartbeatRequest();
  private final RepeatedHeartbeatMatcher repeatedMatcher;
  private final BodyFraming framing;
  private final RequestBodyAggregator body;

  /** The sender of the requests; null if no credentials are required. */
  private final @Nullable ConnectionIdentity identity;

  /** The request whose body is being received; NONE between requests. */
  private PendingRequest pendingRequest = PendingRequest.NONE;

  /** The framing of the response to a request that was not admitted, while its body arrives. */
  private @Nullable ResponseFraming refusal;

  private boolean isInBody;

  /**
   * The cumulation buffer: an incomplete head, or requests not decoded while reading is paused.
   * Empty between requests, so an idle connection holds no buffer. Its bytes before the index were
   * consumed; they are dropped once they are half of it, so that decoding it a request at a time
   * takes linear time.
   */
  private byte[] cumulation = EMPTY;

  private int cumulationFrom;

  private int requestsBegun;

  /** The framing of the response to the last heartbeat. */
  private ResponseFraming heartbeatFraming = ResponseFraming.PLAIN;

  /** The denial of the current header block by the access policy, or null. */
  private @Nullable Denied denial;

  /**
   * @param source the source address whose quota request bodies are charged to
   * @param identity null if no credentials are required
   */
  RequestDecoder(
      Channel channel,
      RequestDispatcher dispatcher,
      NetSettings settings,
      SourceAddress source,
      @Nullable ConnectionIdentity identity) {
    this.identity = identity;
    this.channel = channel;
    this.heartbeatMatcher = dispatcher.heartbeatMatcher();
    this.access = dispatcher.access();
    this.dispatcher = dispatcher;
    this.bodyBytesMax = settings.bodyBytesMax();
    this.parser = new RequestHeadParser(settings.http());
    this.repeatedMatcher = new RepeatedHeartbeatMatcher(heartbeatMatcher, parser, heartbeat);
    this.framing = new BodyFraming(settings.http());
    this.body = new RequestBodyAggregator(dispatcher.quotas().bodyBytes(), source);
  }

  /** Appends input to the cumulation buffer. */
  void cumulate(ByteBuf input, int length) {
    int before = cumulation.length - cumulationFrom;
    byte[] joined = new byte[before + length];
    joinInto(joined, input, length);
    cumulation = joined;
    cumulationFrom = 0;
  }

  /**
   * Copies the cumulation buffer, followed by input, to the array; returns the index after both.
   */
  int joinInto(byte[] array, ByteBuf input, int length) {
    int before = cumulation.length - cumulationFrom;
    System.arraycopy(cumulation, cumulationFrom, array, 0, before);
    input.readBytes(array, before, length);
    return before + length;
  }

  /** Returns the cumulation buffer, which must not be modified. */
  byte[] cumulation() {
    return cumulation;
  }

  /** Returns the index of the first byte of the cumulation buffer that was not consumed. */
  int cumulationFrom() {
    return cumulationFrom;
  }

  boolean hasCumulation() {
    return cumulation.length > 0;
  }

  void clearCumulation() {
    replaceCumulation(EMPTY);
  }

  /** Replaces the cumulation buffer, of which the last request may have been decoded. */
  private void replaceCumulation(byte[] rest) {
    if (cumulation.length > 0) {
      // An idle connection would hold it, and no limit counts it.
      parser.releaseBytes();
      heartbeat.releaseBytes();
    }
    cumulation = rest;
    cumulationFrom = 0;
  }

  /**
   * Decodes requests from a part of the array, and cumulates the bytes not consumed.
   *
   * @param bytes other bytes, or the cumulation buffer
   * @throws HttpParseException if the bytes are not a valid request; the connection can't be
   *     decoded any further
   */
  void decode(byte[] bytes, int from, int to, Sink sink) throws HttpParseException {
    int at = decodeRequests(bytes, from, to, sink);
    if (at == to) {
      clearCumulation();
    } else if (bytes != cumulation || at >= to / 2) {
      replaceCumulation(Arrays.copyOfRange(bytes, at, to));
    } else {
      cumulationFrom = at;
    }
  }

  /** Decodes heads and bodies from the index; returns that of the first byte not consumed. */
  private int decodeRequests(byte[] bytes, int from, int to, Sink sink) throws HttpParseException {
    int at = from;
    while (at < to) {
      if (isInBody) {
        at = framing.read(bytes, at, to, body);
        if (framing.isComplete()) {
          finish(sink);
        }
        continue;
      }
      if (!sink.isReady()) {
        return at;
      }
      int end = repeatedMatcher.match(bytes, at, to);
      if (end != RepeatedHeartbeatMatcher.NONE && mayRepeat()) {
        requestsBegun++;
        sink.onHeartbeat(heartbeat, heartbeatFraming);
        at = end;
        continue;
      }
      end = parser.parse(bytes, at, to);
      if (end == RequestHeadParser.INCOMPLETE) {
        return at;
      }
      int next = begin(parser.head(), end, to, sink);
      if (next == AUTHENTICATING) {
        sink.onAuthenticating();
        return at;
      }
      at = next;
    }
    return at;
  }

  /**
   * Passes a matched heartbeat to the sink, or begins any other request. Returns the index of the
   * first byte not consumed, or {@link #AUTHENTICATING}; the request is then to be decoded again.
   */
  private int begin(RequestHead head, int headEnd, int to, Sink sink) throws HttpParseException {
    boolean isHeartbeat = heartbeatMatcher.matches(head, heartbeat);
    if (!head.headersRepeated()) {
      denial = access.denialBy(head);
    }
    boolean isDenied = denial != null && AccessPolicy.appliesTo(denial, head.method());
    boolean mayRenew = true;
    if (identity != null) {
      // A denied request too: the next is compared with this one by headersRepeated.
      if (identity.authenticate(head) == Outcome.PENDING) {
        return AUTHENTICATING;
      }
      mayRenew = isHeartbeat && mayRenew(identity);
    }
    requestsBegun++;
    if (isHeartbeat && mayRenew && !isDenied && isBodyAtHand(head, to - headEnd)) {
      int end = headEnd + (int) head.contentLength();
      heartbeatFraming = ResponseFraming.of(head);
      repeatedMatcher.expect(!head.hasBody());
      sink.onHeartbeat(heartbeat, heartbeatFraming);
      return end;
    }
    repeatedMatcher.expect(false);
    framing.begin(head.contentLength(), head.isChunked(), bodyBytesMax);
    if (!isDenied && !sink.isAdmitted(head)) {
      return refuse(head, headEnd, to, sink);
    }
    pendingRequest = denial != null && isDenied
        ? dispatcher.deny(head, ResponseFraming.of(head), denial, channel.remoteAddress())
        : dispatcher.resolve(head, ResponseFraming.of(head), channel.remoteAddress(), identity);
    return beginBody(head, headEnd, to, sink);
  }

  /** Begins the body, which a client that waits for 100 Continue must not send in vain. */
  private int beginBody(RequestHead head, int headEnd, int to, Sink sink) {
    if (pendingRequest.isRefusal() && !framing.isComplete() && head.expectsContinue()) {
      // As in refuse: the client may send the body nevertheless.
      PendingRequest refused = pendingRequest.closing();
      reset();
      sink.onRequest(refused, EMPTY);
      return to;
    }
    body.begin(pendingRequest.takesBody());
    isInBody = true;
    if (framing.isComplete()) {
      finish(sink);
    } else if (head.expectsContinue()) {
      sink.onContinueExpected();
    }
    return headEnd;
  }

  /** Returns whether a heartbeat with the header fields of the last one may renew its lease. */
  private boolean mayRepeat() {
    return identity == null || (identity.isStillAuthenticated() && mayRenew(identity));
  }

  private boolean mayRenew(ConnectionIdentity sender) {
    return sender.mayRenew(heartbeat.bytes(), heartbeat.appFrom(), heartbeat.slash());
  }

  /**
   * Refuses a request before its body. Discards a short body as it arrives, so that the connection
   * remains usable; otherwise discards the rest of the input and closes. So does a request that
   * waits for 100 Continue, as the client may or may not send the body (RFC 9110 §10.1.1).
   */
  private int refuse(RequestHead head, int headEnd, int to, Sink sink) {
    ResponseFraming response = ResponseFraming.of(head);
    boolean isLong = head.isChunked() || head.contentLength() > REFUSED_BODY_BYTES_MAX;
    if (!framing.isComplete() && (isLong || head.expectsContinue())) {
      sink.onNotAdmitted(response.closing());
      return to;
    }
    refusal = response;
    isInBody = true;
    if (framing.isComplete()) {
      finish(sink);
    }
    return headEnd;
  }

  /** Returns whether there is no body, or a complete one that can be skipped. */
  private boolean isBodyAtHand(RequestHead head, int available) {
    if (!head.hasBody()) {
      return true;
    }
    return !head.isChunked()
        && !head.expectsContinue()
        && head.contentLength() <= Math.min(available, bodyBytesMax);
  }

  private void finish(Sink sink) {
    ResponseFraming refused = refusal;
    if (refused != null) {
      reset();
      sink.onNotAdmitted(refused);
      return;
    }
    PendingRequest complete = pendingRequest;
    Limit exceeded = body.exceeded();
    byte[] content = body.take();
    reset();
    if (exceeded == null) {
      sink.onRequest(complete, content);
    } else {
      dispatcher.countRefusedBody(exceeded);
      sink.onQuotaExceeded(complete);
    }
  }

  /** Returns whether a request's body is incomplete. */
  boolean isInBody() {
    return isInBody;
  }

  /** Returns the number of requests begun so far; may wrap around. */
  int requestsBegun() {
    return requestsBegun;
  }

  /** Discards the request in progress. */
  void reset() {
    pendingRequest = PendingRequest.NONE;
    refusal = null;
    isInBody = false;
    body.reset();
  }
}
