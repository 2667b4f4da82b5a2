// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.systole.server.metrics.Counters.Resource;
import io.systole.server.route.ResponseBody;
import org.jspecify.annotations.Nullable;

/**
 * What all connections share.
 *
 * @param connections open connections
 * @param bodyBytes bytes of request bodies that are arriving or wait for a thread
 * @param longResponses answers of known length that are being read in passes
 * @param streams answers without an end
 * @param shortBytesMax bytes of an answer that is no long one, however it is read
 */
record Quotas(
    Quota connections, Quota bodyBytes, Quota longResponses, Quota streams, long shortBytesMax) {
  static Quotas of(NetSettings settings) {
    return of(settings, settings.connectionsMax());
  }

  /** @param connectionsMax connections that the process can open, as many as configured or fewer */
  static Quotas of(NetSettings settings, int connectionsMax) {
    double share = settings.sourceShare();
    return new Quotas(
        // Without a share: a fleet behind one address (NAT, a gateway, a load generator) opens a
        // connection for each instance.
        budget(Resource.CONNECTIONS, connectionsMax, 1, 1),
        // A share that one body exceeds would refuse that body for ever.
        budget(Resource.BODIES, settings.bodiesBytesMax(), share, settings.bodyBytesMax()),
        budget(Resource.LONG_RESPONSES, settings.longResponsesMax(), share, 1),
        budget(Resource.STREAMS, settings.streamsMax(), share, 1),
        settings.writeBufferBytesMax());
  }

  private static Quota budget(Resource resource, long max, double share, long sourceMin) {
    long sourceMax = Math.max(sourceMin, (long) Math.ceil(share * max));
    return new Quota(resource, max, Math.min(max, sourceMax));
  }

  /**
   * The budget that a body read in passes takes one unit of; null for one that the write buffer
   * would hold as well, which takes none: a delta isn't refused for want of a long answer's place.
   */
  @Nullable
  Quota of(ResponseBody body) {
    if (body.length() == ResponseBody.UNKNOWN_LENGTH) {
      return streams;
    }
    return body.length() > shortBytesMax ? longResponses : null;
  }
}
