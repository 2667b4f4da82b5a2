// SPDX-License-Identifier: Apache-2.0
/**
 * Pipelined connections to one server at a time, with failover. Requests are written in batches,
 * and responses are matched to them by order.
 *
 * <p>All uses of Netty's channels are here. The content of requests and the handling of responses
 * belong to {@code io.systole.client}.
 */
@NullMarked
package io.systole.client.net;

import org.jspecify.annotations.NullMarked;
