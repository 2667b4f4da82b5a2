// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import io.systole.protocol.http.HttpLimits;

/**
 * The bounds of every line to a server; checked by the client's configuration.
 *
 * @param inFlightMax requests sent and not answered, per connection
 * @param responseTimeoutMs from a request's sending to its answer
 * @param connectTimeoutMs from an attempt to connect to its success
 * @param reconnectMinMs first wait after a loss
 * @param reconnectMaxMs longest wait after losses in a row
 * @param connectionAgeMsMax from a connection's opening to its replacement; 0 for never
 * @param limits bounds of an answer's head
 * @param responseBodyBytesMax bounds its body
 */
public record ConnectionSettings(
    int inFlightMax,
    long responseTimeoutMs,
    int connectTimeoutMs,
    long reconnectMinMs,
    long reconnectMaxMs,
    long connectionAgeMsMax,
    HttpLimits limits,
    long responseBodyBytesMax) {}
