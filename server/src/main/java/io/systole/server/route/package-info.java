// SPDX-License-Identifier: Apache-2.0
/**
 * Routing: heartbeats are matched on undecoded bytes, every other request by its decoded path.
 * Declares requests, responses and handlers ({@link io.systole.server.route.RequestHandler}), which
 * higher packages implement. No sockets, no registry.
 */
@NullMarked
package io.systole.server.route;

import org.jspecify.annotations.NullMarked;
