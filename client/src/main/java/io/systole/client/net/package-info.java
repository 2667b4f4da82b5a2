// SPDX-License-Identifier: Apache-2.0
/**
 * Pipelined connections to one server: frames go out in batches, answers come back in order and are
 * matched to who asked.
 *
 * <p>Netty lives here. What to ask and what an answer means is decided above, in
 * {@code io.systole.client}; this room only carries it, bounds it, and says what was lost.
 */
@NullMarked
package io.systole.client.net;

import org.jspecify.annotations.NullMarked;
