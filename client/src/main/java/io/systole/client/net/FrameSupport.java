// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import io.systole.protocol.renewal.LeaseHandle;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Whether renewal frames can be used on one connection, as learned from its responses (spec §10).
 * Behind a load balancer, each connection may lead to another node.
 */
final class FrameSupport {
  /*
   *             first request for a handle             with a handle or an epoch
   *   UNKNOWN ------------------------------> REQUESTED --------------------------> OFFERED
   *      ^                                        |  200, 204 without                  |
   *      |   after RETRY_NS                       v                                    |
   *      +------------------------------------- NONE <------------- frame refused -----+
   *
   * A refusal for load is that of every request, so frames remain in use. If the next frame is
   * refused for load too, single heartbeats may be served nevertheless, and leases must not expire.
   *
   * Requests are counted, so that the responses to those sent before the first request for a handle
   * decide nothing.
   */
  private enum Support {
    UNKNOWN,
    REQUESTED,
    OFFERED,
    NONE
  }

  /** The limit on frames in flight on a connection: one at the server, the others on their way. */
  static final int IN_FLIGHT_MAX = 4;

  /**
   * The time until handles are requested again after a refusal: the proxy or server may have been
   * replaced by one that offers frames, behind the same connection.
   */
  static final long RETRY_NS = TimeUnit.MINUTES.toNanos(1);

  private Support support = Support.UNKNOWN;
  private int firstRequest;
  private long noneSinceNs;
  private long epoch;

  /** True from a refusal for load until another frame is accepted or refused. */
  private boolean isOverloaded;

  /** The time of that refusal. */
  private long overloadedNs;

  /**
   * Returns whether the next request should request the handle of its lease, unless the session
   * {@linkplain #accepts has one}.
   *
   * @param request the index of the request on this connection, from 0
   */
  boolean requestsHandle(int request, long nowNs) {
    if (support == Support.NONE && nowNs - noneSinceNs >= RETRY_NS) {
      support = Support.UNKNOWN;
    }
    if (support == Support.UNKNOWN) {
      support = Support.REQUESTED;
      firstRequest = request;
    }
    return support != Support.NONE;
  }

  /**
   * Handles a successful response (200 or 204) to a heartbeat or registration.
   *
   * @param request the index of the request on this connection, from 0
   * @param field the value of the header field with the handle, or null
   */
  void answered(int request, @Nullable String field, long nowNs) {
    Long received = field == null ? null : LeaseHandle.epochIn(field);
    if (support == Support.NONE) {
      return;
    }
    if (received != null) {
      support = Support.OFFERED;
      epoch = received;
    } else if (support == Support.REQUESTED && request - firstRequest >= 0) {
      refused(nowNs);
    }
  }

  /** Handles the acceptance of a frame. */
  void accepted() {
    isOverloaded = false;
  }

  /** Handles the refusal of a frame. */
  void refused(long nowNs) {
    support = Support.NONE;
    noneSinceNs = nowNs;
    isOverloaded = false;
  }

  /**
   * Handles the refusal of a frame for load. The second in a row is like any other refusal; those
   * of frames that were in flight at the first do not count.
   *
   * @return whether frames remain in use
   */
  boolean refusedForLoad(long sentNs, long nowNs) {
    if (support != Support.OFFERED || (isOverloaded && sentNs - overloadedNs >= 0)) {
      refused(nowNs);
      return false;
    }
    if (!isOverloaded) {
      isOverloaded = true;
      overloadedNs = nowNs;
    }
    return true;
  }

  /** Returns whether frames may be sent. */
  boolean isOffered() {
    return support == Support.OFFERED;
  }

  /** Returns whether a frame may have this handle. */
  boolean accepts(@Nullable LeaseHandle handle) {
    return support == Support.OFFERED && handle != null && handle.epoch() == epoch;
  }
}
