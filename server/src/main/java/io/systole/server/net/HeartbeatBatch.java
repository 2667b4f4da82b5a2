// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.systole.server.net.PreencodedResponses.ResponseFraming;
import io.systole.server.route.HeartbeatMatcher.HeartbeatHandler;
import io.systole.server.route.HeartbeatMatcher.HeartbeatRequest;

/**
 * Successive heartbeats of one connection, which are handled together. One per event loop, and
 * confined to it.
 */
final class HeartbeatBatch {
  /*
   * All connections of a loop share the batch. A connection adds to it only while it decodes a read,
   * and empties it before it does anything else with a request and when the decoding ends, so that
   * requests take effect and are answered in their order. The bytes of the read do not change until
   * then. Renewals call no code of connections: changes of the registry are passed on by tasks.
   */

  /** The responses of the connection whose heartbeats are in the batch. */
  @FunctionalInterface
  interface BareResponses {
    /**
     * Writes a response without a body.
     *
     * @param requestNs the time of the read that completed the request, monotonic
     */
    void writeBare(int status, ResponseFraming framing, long requestNs);
  }

  /** The maximum length of a response without a body to a heartbeat. */
  private static final int RESPONSE_BYTES_MAX = 128;

  private final HeartbeatHandler handler;
  private final ResponseFraming[] framings;
  private int size;

  HeartbeatBatch(HeartbeatHandler handler) {
    this.handler = handler;
    this.framings = new ResponseFraming[handler.batchSizeMax()];
  }

  boolean isFull() {
    return size == framings.length;
  }

  /** Returns the maximum of bytes that {@link #renew} would write now. */
  int responseBytesMax() {
    return size * RESPONSE_BYTES_MAX;
  }

  /**
   * Adds a heartbeat. The batch must not be full.
   *
   * @param heartbeat valid during the call; its bytes must not change until {@link #renew}
   */
  @SuppressWarnings("ReferenceEquality") // of equal framings, either will do
  void add(HeartbeatRequest heartbeat, ResponseFraming framing) {
    // Counted first, so that clear() discards it if the handler fails with it.
    int index = size++;
    handler.add(heartbeat);
    if (framings[index] != framing) {
      // Usually it is the same object, and collectors attach work to the store of a reference.
      framings[index] = framing;
    }
  }

  /**
   * Renews the leases, writes the responses and empties the batch.
   *
   * @param nowNs monotonic time of this read cycle
   * @param requestNs the time of the read that completed the requests, monotonic
   */
  void renew(BareResponses responses, long nowNs, long requestNs) {
    int count = size;
    if (count == 0) {
      return;
    }
    size = 0;
    handler.renew(nowNs);
    for (int i = 0; i < count; i++) {
      responses.writeBare(handler.status(i), framings[i], requestNs);
    }
  }

  /** Discards heartbeats that a failure kept from being handled. */
  void clear() {
    if (size > 0) {
      size = 0;
      handler.clear();
    }
  }
}
