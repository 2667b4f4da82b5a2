// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.systole.protocol.http.HttpLimits;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an operator may set about sockets and connections.
 *
 * @param bind address to listen on
 * @param port 0 for one that the system chooses
 * @param loops event loops, 0 for one a core
 * @param connectionsMax open at once; one more is answered 503 and closed
 * @param http bounds of a request's head
 * @param bodyBytesMax bytes of one request's body
 * @param bodiesBytesMax bytes of all bodies that are arriving or wait for a thread at once; one
 *     more is answered 503
 * @param idleTimeoutMs how long a connection may stay without a request
 * @param requestTimeoutMs how long a request may take to arrive
 * @param writeTimeoutMs how long answers may stay unread once the write buffer is full
 * @param responseTimeoutMs how long a reader may take for one long answer
 * @param longResponsesMax long answers under way at once; one more is answered 503
 * @param streamsMax endless answers under way at once; one more is answered 503
 * @param pendingResponsesMax answers owed on one connection before it is no longer read
 * @param writeBufferBytesMax bytes of unsent answers on one connection before it is no longer read
 * @param sourceShare how much of what connections share one source address may hold, 0..1
 * @param allowedHosts names in lower case that {@code Host} may have; empty for any
 * @param management where management and metrics are served; null for among everything else
 * @param workers threads of the general pool, for what is too slow for an event loop
 * @param workQueueMax requests that may wait for one of these; one more is answered 503
 */
public record NetSettings(
    String bind,
    int port,
    int loops,
    TransportKind transport,
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
    double sourceShare,
    List<String> allowedHosts,
    @Nullable ListenAddress management,
    int workers,
    int workQueueMax) {}
