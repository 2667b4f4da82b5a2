// SPDX-License-Identifier: Apache-2.0
/**
 * Who sends a request, and what they may do: passwords, tokens and names of certificates from a
 * file, which is read again when it changes. No sockets and no routes; {@code net} asks for the
 * identity of each request, and {@code route} states the role that a route requires.
 */
@NullMarked
package io.systole.server.auth;

import org.jspecify.annotations.NullMarked;
