// SPDX-License-Identifier: Apache-2.0
/**
 * TLS of the node's own addresses: contexts from PEM files, which are read again when they change,
 * and the threads that handshakes run on. No sockets and no HTTP; {@code net} opens the
 * connections.
 */
@NullMarked
package io.systole.server.tls;

import org.jspecify.annotations.NullMarked;
