// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.systole.server.metrics.Counters.Limit;
import io.systole.server.metrics.Counters.Resource;
import io.systole.server.route.ResponseBody;
import io.systole.server.route.SourceAddress;
import io.systole.server.tls.ServerTls;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The quotas of the resources that all connections share.
 *
 * @param connections open connections
 * @param bodyBytes bytes of request bodies being received or queued for a worker
 * @param longResponses streamed responses of known length
 * @param streams streamed responses of unknown length
 * @param clientHellos connections that have sent a part of a ClientHello
 * @param handshakes TLS handshakes in progress
 * @param unsentBytes bytes held by connections whose peers do not read: responses, and the requests
 *     behind them; also bodies behind a response to come
 * @param shortBytesMax length in bytes up to which a streamed response needs no quota
 */
record Quotas(
    Quota connections,
    Quota bodyBytes,
    Quota longResponses,
    Quota streams,
    HandshakeSlots clientHellos,
    HandshakeSlots handshakes,
    Quota unsentBytes,
    long shortBytesMax) {
  /** The open connections of the management address: scrapes, probes, and pages of operators. */
  static final int MANAGEMENT_CONNECTIONS_MAX = 128;

  /** Longer than a client takes to continue a handshake, even if its packet is lost once. */
  private static final long HANDSHAKE_GRACE_NS = TimeUnit.SECONDS.toNanos(2);

  /**
   * The quota of a resource shared by all connections: a limit in total and one per source address.
   * Thread-safe.
   */
  static final class Quota {
    /*
     * A source has an entry while it holds units: `compute` and `computeIfPresent` change and
     * remove an entry atomically. The number of entries never exceeds the number of reserved units,
     * plus one for each thread that has not yet seen that the total is reached. The total is raised
     * after the source's entry, and both are released in any order: each limit holds at every
     * moment, and a refused attempt can at most cause a concurrent one to be refused.
     */

    private final Resource resource;
    private volatile long max;
    private volatile long sourceMax;
    private final AtomicLong reserved = new AtomicLong();
    private final ConcurrentHashMap<SourceAddress, Long> reservedBySource =
        new ConcurrentHashMap<>();

    /**
     * @param max units reserved by all sources, 1 or more
     * @param sourceMax units reserved by one source, 1..max
     */
    Quota(Resource resource, long max, long sourceMax) {
      this.resource = resource;
      this.max = max;
      this.sourceMax = sourceMax;
    }

    /**
     * Reserves units for a source.
     *
     * @param amount units, 0 or more
     * @return null if reserved, or the limit that would be exceeded
     */
    @Nullable
    Limit reserve(SourceAddress source, long amount) {
      boolean[] isWithin = {false};
      reservedBySource.compute(source, (key, before) -> {
        long after = (before == null ? 0 : before) + amount;
        isWithin[0] = after <= sourceMax;
        return isWithin[0] ? Long.valueOf(after) : before;
      });
      if (!isWithin[0]) {
        return Limit.SOURCE;
      }
      if (reserved.addAndGet(amount) > max) {
        release(source, amount);
        return Limit.TOTAL;
      }
      return null;
    }

    /** Replaces the limits by those of another quota; units over them stay reserved. */
    void limit(Quota next) {
      max = next.max;
      sourceMax = next.sourceMax;
    }

    /** Releases reserved units, all or some of them. */
    void release(SourceAddress source, long amount) {
      reserved.addAndGet(-amount);
      reservedBySource.computeIfPresent(
          source, (key, before) -> before > amount ? Long.valueOf(before - amount) : null);
    }

    /** Returns whether more than half of a limit that applies to the source is reserved. */
    boolean isScarce(SourceAddress source) {
      return reserved.get() > max / 2 || reservedBySource.getOrDefault(source, 0L) > sourceMax / 2;
    }

    Resource resource() {
      return resource;
    }

    long reserved() {
      return reserved.get();
    }

    /** Returns the number of sources that hold units. */
    int sourceCount() {
      return reservedBySource.size();
    }
  }

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
        // An incomplete ClientHello has cost nothing, and the rest follows at once.
        slots(Resource.CLIENT_HELLOS, share, 0),
        slots(Resource.HANDSHAKES, share, HANDSHAKE_GRACE_NS),
        // The limit per source must admit a full write buffer and the requests behind it.
        quota(
            Resource.UNSENT_BYTES,
            settings.unsentBytesMax(),
            share,
            2L * settings.writeBufferBytesMax()),
        settings.writeBufferBytesMax());
  }

  /**
   * Returns the quotas of the management address: these, but for connections and TLS handshakes of
   * its own, which the clients of the main address cannot exhaust.
   */
  Quotas forManagement() {
    return new Quotas(
        new Quota(Resource.CONNECTIONS, MANAGEMENT_CONNECTIONS_MAX, MANAGEMENT_CONNECTIONS_MAX),
        bodyBytes,
        longResponses,
        streams,
        clientHellos.withNoneTaken(),
        handshakes.withNoneTaken(),
        unsentBytes,
        shortBytesMax);
  }

  /** Replaces the limits by those of other quotas; {@code shortBytesMax} is unaffected. */
  void limit(Quotas next) {
    connections.limit(next.connections);
    bodyBytes.limit(next.bodyBytes);
    longResponses.limit(next.longResponses);
    streams.limit(next.streams);
    clientHellos.limit(next.clientHellos);
    handshakes.limit(next.handshakes);
    unsentBytes.limit(next.unsentBytes);
  }

  private static HandshakeSlots slots(Resource resource, double share, long graceNs) {
    int sourceMax = Math.max(1, (int) Math.ceil(share * ServerTls.HANDSHAKES_MAX));
    return new HandshakeSlots(resource, ServerTls.HANDSHAKES_MAX, sourceMax, graceNs);
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
