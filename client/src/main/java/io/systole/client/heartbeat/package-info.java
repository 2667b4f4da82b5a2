// SPDX-License-Identifier: Apache-2.0
/**
 * When an instance is due, what it then says, and how its life goes on after the answer.
 *
 * <p>No sockets, no threads: the event loop of {@code io.systole.client} asks and is told. What a
 * million instances need is held compactly here; what they share is held once.
 */
@NullMarked
package io.systole.client.heartbeat;

import org.jspecify.annotations.NullMarked;
