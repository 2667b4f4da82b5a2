// SPDX-License-Identifier: Apache-2.0
/**
 * Parsers of HTTP/1.1 messages (RFC 9112), shared by servers and clients.
 *
 * <p>Heads are parsed into spans over the read buffer, bodies are unframed, limits are enforced and
 * ambiguous messages are refused. Nothing here depends on Eureka or on sockets. Classes are not
 * thread-safe unless they are immutable.
 */
@NullMarked
package io.systole.protocol.http;

import org.jspecify.annotations.NullMarked;
