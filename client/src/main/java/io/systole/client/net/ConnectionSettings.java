// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import io.systole.protocol.http.HttpLimits;

/**
 * The limits of every connection; validated by the client's configuration.
 *
 * @param inFlightMax requests in flight per connection
 * @param responseTimeoutMs from sending a request to its response
 * @param connectTimeoutMs from the start of an attempt to its success
 * @param reconnectMinMs first delay after a loss
 * @param reconnectMaxMs longest delay after consecutive losses
 * @param connectionAgeMsMax from opening a connection to its replacement; 0 for no limit
 * @param limits limits of a response head
 * @param responseBodyBytesMax limit of a response body
 * @param usesFrames whether heartbeats are sent in renewal frames where the server supports them
 */
public record ConnectionSettings(
    int inFlightMax,
    long responseTimeoutMs,
    int connectTimeoutMs,
    long reconnectMinMs,
    long reconnectMaxMs,
    long connectionAgeMsMax,
    HttpLimits limits,
    long responseBodyBytesMax,
    boolean usesFrames) {}
