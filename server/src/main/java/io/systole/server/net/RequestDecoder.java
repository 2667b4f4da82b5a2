// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.netty.channel.Channel;
import io.systole.protocol.http.BodyFraming;
import io.systole.protocol.http.HttpParseException;
import io.systole.protocol.http.RequestHead;
import io.systole.protocol.http.RequestHeadParser;
import io.systole.server.metrics.Counters.Denied;
import io.systole.server.metrics.Counters.Limit;
import io.systole.server.net.ResponseWriter.ResponseFraming;
import io.systole.server.route.HeartbeatRequest;
import org.jspecify.annotations.Nullable;

/** Cuts the bytes of one connection into requests. Used on the connection's loop. */
final class RequestDecoder {
  /** Takes the requests, in order. */
  interface Sink {
    /** Whether another request may begin; asked before each. */
    boolean wantsMore();

    /**
     * A plain heartbeat.
     *
     * @param target valid during the call
     */
    void heartbeat(HeartbeatRequest target, ResponseFraming manner);

    /** Any other request, with its body if its route takes one. */
    void request(PendingRequest pendingRequest, byte[] body);

    /** A request whose body found no room among all that are arriving; it was read and dropped. */
    void overBudget(PendingRequest pendingRequest);

    /** The sender waits to be told that its body is wanted. */
    void bodyAwaited();
  }

  private final RequestDispatcher destinations;
  private final Channel channel;
  private final int bodyBytesMax;
  private final RequestHeadParser parser;
  private final HeartbeatRequest target = new HeartbeatRequest();
  private final BodyFraming framing;
  private final RequestBodyAggregator body;

  /** The request whose body is arriving; NONE between requests. */
  private PendingRequest pendingRequest = PendingRequest.NONE;

  private boolean isInBody;
  private int requestsBegun;

  /** Why the last head's fields deny what they come with; null when they don't. */
  private @Nullable Denied denial;

  /** @param source pays for request bodies out of its share */
  RequestDecoder(
      Channel channel, RequestDispatcher destinations, NetSettings settings, SourceAddress source) {
    this.channel = channel;
    this.destinations = destinations;
    this.bodyBytesMax = settings.bodyBytesMax();
    this.parser = new RequestHeadParser(settings.http());
    this.framing = new BodyFraming(settings.http());
    this.body = new RequestBodyAggregator(destinations.budgets().bodyBytes(), source);
  }

  /**
   * Takes one request after the other from the start of the array. The head that has no end yet
   * must be offered again, from its start, with more behind it.
   *
   * @return the index of the first byte that was not used
   * @throws HttpParseException when the bytes are no request; nothing after them can be one
   */
  int read(byte[] bytes, int to, Sink sink) throws HttpParseException {
    int at = 0;
    while (at < to) {
      if (isInBody) {
        at = framing.read(bytes, at, to, body);
        if (framing.isComplete()) {
          finish(sink);
        }
        continue;
      }
      if (!sink.wantsMore()) {
        return at;
      }
      int end = parser.parse(bytes, at, to);
      if (end == RequestHeadParser.INCOMPLETE) {
        return at;
      }
      at = begin(parser.head(), end, to, sink);
    }
    return at;
  }

  /** Takes a plain heartbeat on the spot, or begins anything else; returns where input goes on. */
  private int begin(RequestHead head, int headEnd, int to, Sink sink) throws HttpParseException {
    requestsBegun++;
    boolean isHeartbeat = destinations.renewMatcher().admits(head, target);
    if (!head.headersRepeated()) {
      denial = destinations.access().denialBy(head);
    }
    boolean isDenied = denial != null && AccessPolicy.appliesTo(denial, head.method());
    if (isHeartbeat && !isDenied && isBodyAtHand(head, to - headEnd)) {
      int end = headEnd + (int) head.contentLength();
      sink.heartbeat(target, ResponseFraming.of(head));
      return end;
    }
    framing.begin(head.contentLength(), head.isChunked(), bodyBytesMax);
    pendingRequest = denial != null && isDenied
        ? destinations.deny(head, ResponseFraming.of(head), denial, channel.remoteAddress())
        : destinations.open(head, ResponseFraming.of(head), channel.remoteAddress());
    body.begin(pendingRequest.takesBody());
    isInBody = true;
    if (framing.isComplete()) {
      finish(sink);
    } else if (head.expectsContinue()) {
      sink.bodyAwaited();
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
        && head.contentLength() <= Math.min(available, bodyBytesMax);
  }

  private void finish(Sink sink) {
    PendingRequest complete = pendingRequest;
    Limit exceeded = body.exceeded();
    byte[] content = body.take();
    reset();
    if (exceeded == null) {
      sink.request(complete, content);
    } else {
      destinations.bodyRefused(exceeded);
      sink.overBudget(complete);
    }
  }

  /** Whether a request has begun whose body has not ended. */
  boolean isInBody() {
    return isInBody;
  }

  /** How many requests have begun so far; may wrap around. */
  int requestsBegun() {
    return requestsBegun;
  }

  /** Gives up the request that is arriving. */
  void reset() {
    pendingRequest = PendingRequest.NONE;
    isInBody = false;
    body.reset();
  }
}
