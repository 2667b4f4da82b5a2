// SPDX-License-Identifier: Apache-2.0
/**
 * The registry node. A heartbeat enters by a socket, touches one word of memory, and leaves as a
 * dozen bytes:
 *
 * <pre>
 * socket - Transport - HttpHandler - RequestHeadParser - HeartbeatMatcher - RenewEndpoint - Registry.renew - Lease
 *   bytes    loop        frame         spans               route       probe           look-up         one CAS
 * socket - ResponseWriter - PreencodedResponses &lt;--------------------------------- RenewOutcome &lt;-----------'
 * </pre>
 *
 * <p>No room on this line allocates per request, blocks, takes a lock, logs above TRACE or looks up
 * a meter. Everything else (registering, reading, evicting, metrics) meets it at the registry
 * alone. {@link io.systole.server.HeartbeatServer} is the one place that knows all rooms.
 */
@NullMarked
package io.systole.server;

import org.jspecify.annotations.NullMarked;
