// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.systole.server.metrics.Counters.Resource;
import io.systole.server.route.ResponseBody;
import org.jspecify.annotations.Nullable;

/**
 * The quotas of the resources that all connections share.
 *
 * @param connections open connections
 * @param bodyBytes bytes of request bodies being received or queued for a worker
 * @param longResponses streamed responses of known length
 * @param streams streamed responses of unknown length
 * @param shortBytesMax length in bytes up to which a streamed response needs no quota
 */
record Quotas(
    Quota connections, Quota bodyBytes, Quota longResponses, Quota streams, long shortBytesMax) {
  static Quotas of(NetSettings settings) {
    return of(settings, settings.connectionsMax());
  }

  /** @param connectionsMax connections that the process can open, at most the configured number */
  static Quotas of(NetSettings settings, int connectionsMax) {
    double share = settings.sourceShare();
    return new Quotas(
        // No limit per source: instances behind one address (NAT, a gateway, a load generator) open
        // a connection each.
        quota(Resource.CONNECTIONS, connectionsMax, 1, 1),
        // The limit per source must admit at least one body of the maximum size.
        quota(Resource.BODIES, settings.bodiesBytesMax(), share, settings.bodyBytesMax()),
        quota(Resource.LONG_RESPONSES, settings.longResponsesMax(), share, 1),
        quota(Resource.STREAMS, settings.streamsMax(), share, 1),
        settings.writeBufferBytesMax());
  }

  private static Quota quota(Resource resource, long max, double share, long sourceMin) {
    long sourceMax = Math.max(sourceMin, (long) Math.ceil(share * max));
    return new Quota(resource, max, Math.min(max, sourceMax));
  }

  /**
   * Returns the quota that a streamed body takes one unit of, or null if the write buffer could
   * hold the body: a delta must not be refused because long responses are exhausted.
   */
  @Nullable
  Quota of(ResponseBody body) {
    if (body.length() == ResponseBody.UNKNOWN_LENGTH) {
      return streams;
    }
    return body.length() > shortBytesMax ? longResponses : null;
  }
}
