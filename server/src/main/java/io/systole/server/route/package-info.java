// SPDX-License-Identifier: Apache-2.0
/**
 * Names the destination of a request: the renew door from bytes, every other route from decoded
 * segments. Declares what a destination is ({@link io.systole.server.route.RequestHandler}); the
 * rooms above implement it. No sockets, no registry.
 */
@NullMarked
package io.systole.server.route;

import org.jspecify.annotations.NullMarked;
