// SPDX-License-Identifier: Apache-2.0
/**
 * Sockets, event loops and connections. Decodes requests, dispatches them to the handlers of
 * {@code route} and writes the responses in order. The only package that depends on Netty's
 * transports. The syntax of HTTP is in {@code protocol.http}.
 */
@NullMarked
package io.systole.server.net;

import org.jspecify.annotations.NullMarked;
