// SPDX-License-Identifier: Apache-2.0
package io.systole.server.route;

/** A request handler and the thread on which it is called. */
public sealed interface Route {
  /** A pool of worker threads. Tasks of one pool never wait for those of another. */
  enum Pool {
    /** Tasks that take milliseconds. */
    GENERAL,
    /** Queries of the journal, which may take seconds. */
    JOURNAL,
    /** Decompression and decoding of large bodies. */
    BODIES
  }

  /** Handled on the event loop. */
  record OnEventLoop(RequestHandler handler, boolean takesBody, boolean isHeartbeat)
      implements Route {
    @Override
    public boolean isInTurn() {
      return takesBody && isHeartbeat;
    }
  }

  /** Handled by a thread of the pool. */
  record OnWorker(RequestHandler handler, boolean takesBody, Pool pool) implements Route {}

  /**
   * Handled on the event loop if the body is small, otherwise by a thread of {@link Pool#BODIES}.
   * In the latter case the connection's next request is decoded after the response, so that effects
   * keep the order of the requests.
   *
   * @param isForPeers whether only peers may send the request
   */
  record Sized(RequestHandler handler, boolean isForPeers) implements Route {
    /** The size that is decoded within a millisecond. */
    static final int SMALL_BYTES_MAX = 64 * 1024;

    @Override
    public boolean takesBody() {
      return true;
    }

    /** Returns whether the body is small and has no content coding, which would hide its size. */
    public boolean isSmall(Request request) {
      return request.body().length <= SMALL_BYTES_MAX && request.header("content-encoding") == null;
    }
  }

  /** Called on the event loop; the response may come later and from any thread. */
  record Async(AsyncRequestHandler handler, boolean takesBody) implements Route {}

  /** Returns whether the request's body is collected for the handler; otherwise it is discarded. */
  boolean takesBody();

  /** Returns whether the request is a heartbeat. */
  default boolean isHeartbeat() {
    return false;
  }

  /**
   * Returns whether the request takes about a millisecond of the event loop, although it is never
   * refused for overload. Several of them must then not be handled without a pause.
   */
  default boolean isInTurn() {
    return false;
  }

  /** Returns whether only peers may send the request. */
  default boolean isForPeers() {
    return false;
  }

  /** Returns a route to a handler that runs on the event loop and ignores the body. */
  static Route onEventLoop(RequestHandler handler) {
    return new OnEventLoop(handler, false, false);
  }

  /** Returns a route of heartbeats, handled on the event loop. */
  static Route heartbeat(RequestHandler handler) {
    return new OnEventLoop(handler, false, true);
  }

  /** Returns a route of many heartbeats in one body, handled on the event loop in its turn. */
  static Route heartbeats(RequestHandler handler) {
    return new OnEventLoop(handler, true, true);
  }

  /** Returns a route to a handler that runs on the event loop and reads the body. */
  static Route onEventLoopWithBody(RequestHandler handler) {
    return new OnEventLoop(handler, true, false);
  }

  /** Returns a route to a handler that reads a body of any size. */
  static Route sized(RequestHandler handler) {
    return new Sized(handler, false);
  }

  /** Returns a route to a handler that reads a body of any size, sent by a peer. */
  static Route sizedForPeers(RequestHandler handler) {
    return new Sized(handler, true);
  }

  /** Returns a route to a handler that takes milliseconds and ignores the body. */
  static Route onWorker(RequestHandler handler) {
    return new OnWorker(handler, false, Pool.GENERAL);
  }

  /** Returns a route to a handler that queries the journal and ignores the body. */
  static Route onJournalWorker(RequestHandler handler) {
    return new OnWorker(handler, false, Pool.JOURNAL);
  }

  /** Returns a route to an asynchronous handler that reads the body. */
  static Route asyncWithBody(AsyncRequestHandler handler) {
    return new Async(handler, true);
  }

  /** Returns a route to an asynchronous handler that ignores the body. */
  static Route async(AsyncRequestHandler handler) {
    return new Async(handler, false);
  }
}
