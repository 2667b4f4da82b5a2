// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.systole.client.net.Transport;
import io.systole.protocol.http.HttpLimits;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The settings of sockets and connections. A request or connection over a maximum receives 503.
 *
 * @param bind address to listen on
 * @param port 0 for an ephemeral port
 * @param loops event loops, 0 for one per core
 * @param connectionsMax open connections; a connection over it is closed after its 503
 * @param http limits of a request's head
 * @param bodyBytesMax bytes of one request's body; a larger one receives 413
 * @param bodiesBytesMax bytes of all bodies being received or queued for a worker
 * @param idleTimeoutMs maximum time of a connection between requests
 * @param requestTimeoutMs maximum time to receive a request
 * @param writeTimeoutMs maximum time without progress of a full write buffer
 * @param responseTimeoutMs maximum time to send one streamed response of known length
 * @param longResponsesMax concurrent streamed responses of known length
 * @param streamsMax concurrent streamed responses of unknown length
 * @param pendingResponsesMax pending responses of one connection before reading pauses
 * @param writeBufferBytesMax unsent bytes of one connection before reading pauses
 * @param unsentBytesMax bytes held by all connections whose peers do not read; the oldest of them
 *     are closed above it
 * @param sourceShare the share of a quota available to one source address, 0..1
 * @param credentialRateMax requests that one credential may send in a second, of each class below
 *     heartbeats; 0 for no limit
 * @param allowedHosts lower-case names allowed in {@code Host}; empty for any
 * @param allowedPeers source addresses of replication requests; empty for any
 * @param management address of management and metrics; null to serve them at the main address
 * @param workers threads of the general worker pool
 * @param workQueueMax requests queued for the general worker pool
 */
public record NetSettings(
    String bind,
    int port,
    int loops,
    Transport transport,
    int connectionsMax,
    HttpLimits http,
    int bodyBytesMax,
    long bodiesBytesMax,
    long idleTimeoutMs,
    long requestTimeoutMs,
    long writeTimeoutMs,
    long responseTimeoutMs,
    int longResponsesMax,
    int streamsMax,
    int pendingResponsesMax,
    int writeBufferBytesMax,
    long unsentBytesMax,
    double sourceShare,
    int credentialRateMax,
    List<String> allowedHosts,
    List<AddressBlock> allowedPeers,
    @Nullable ListenAddress management,
    int workers,
    int workQueueMax) {
  /** The maximum of {@code http.headBytesMax}; buffers are allocated for it. */
  public static final int HEAD_BYTES_MAX = 64 * 1024;
}
