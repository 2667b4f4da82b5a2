// SPDX-License-Identifier: Apache-2.0
package io.systole.server.route;

/** What becomes of a request once its destination is known. */
public sealed interface Route {
  /** The threads beside the event loops. Work of one pool never waits for that of another. */
  enum Pool {
    /** What takes milliseconds. */
    GENERAL,
    /** What reads the journal, and may take seconds. */
    JOURNAL,
    /** What inflates and decodes large bodies. */
    BODIES
  }

  /** Answered on the event loop. */
  record OnEventLoop(RequestHandler endpoint, boolean takesBody) implements Route {}

  /** Answered by a thread of the pool. */
  record OnWorker(RequestHandler endpoint, boolean takesBody, Pool pool) implements Route {}

  /**
   * Answered on the event loop when the body is small, else by a thread of {@link Pool#BODIES}; the
   * connection's next request is then taken behind it, so that effects keep the requests' order.
   */
  record Sized(RequestHandler endpoint) implements Route {
    /** Decoding so many bytes keeps an event loop for less than a millisecond. */
    static final int SMALL_BYTES_MAX = 64 * 1024;

    @Override
    public boolean takesBody() {
      return true;
    }

    /** Returns whether the body is small as it stands; how long a coded one is isn't known. */
    public boolean isSmall(Request request) {
      return request.body().length <= SMALL_BYTES_MAX && request.header("content-encoding") == null;
    }
  }

  /** Begun on the event loop, and answered from wherever. */
  record Async(AsyncRequestHandler endpoint, boolean takesBody) implements Route {}

  /** Whether the request's body is collected for the endpoint; else it is read and dropped. */
  boolean takesBody();

  /** A quick endpoint without a body. */
  static Route quick(RequestHandler endpoint) {
    return new OnEventLoop(endpoint, false);
  }

  /** A quick endpoint that reads the request's body. */
  static Route quickWithBody(RequestHandler endpoint) {
    return new OnEventLoop(endpoint, true);
  }

  /** An endpoint that reads a body which may be large. */
  static Route sized(RequestHandler endpoint) {
    return new Sized(endpoint);
  }

  /** An endpoint that takes milliseconds. */
  static Route slow(RequestHandler endpoint) {
    return new OnWorker(endpoint, false, Pool.GENERAL);
  }

  /** An endpoint that reads the journal. */
  static Route journal(RequestHandler endpoint) {
    return new OnWorker(endpoint, false, Pool.JOURNAL);
  }

  /** An endpoint that reads the request's body and answers when it can. */
  static Route lateWithBody(AsyncRequestHandler endpoint) {
    return new Async(endpoint, true);
  }

  /** An endpoint that answers when it can. */
  static Route late(AsyncRequestHandler endpoint) {
    return new Async(endpoint, false);
  }
}
