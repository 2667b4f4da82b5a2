// SPDX-License-Identifier: Apache-2.0
/**
 * Sockets, event loops and connections: bytes in, answers out, in order. The only room that knows
 * Netty. What a request means is decided in {@code route} and {@code endpoint}; how it is written
 * down, in {@code protocol.http}.
 */
@NullMarked
package io.systole.server.net;

import org.jspecify.annotations.NullMarked;
