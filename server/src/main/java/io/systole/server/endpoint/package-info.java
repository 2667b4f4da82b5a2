// SPDX-License-Identifier: Apache-2.0
/**
 * One class per resource: HTTP on one side, the domain on the other. Endpoints answer, they do not
 * send: the connection's order and framing are the business of {@code net}.
 */
@NullMarked
package io.systole.server.endpoint;

import org.jspecify.annotations.NullMarked;
