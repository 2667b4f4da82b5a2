// SPDX-License-Identifier: Apache-2.0
/**
 * HTTP/1.1 as bytes: the one grammar by which every request and every answer is read.
 *
 * <p>Heads are parsed to spans over the read buffer, bodies are framed, bounds are enforced and
 * ambiguity is refused (RFC 9112). Nothing here knows of Eureka, sockets or threads; every class is
 * used by one thread at a time.
 */
@NullMarked
package io.systole.protocol.http;

import org.jspecify.annotations.NullMarked;
