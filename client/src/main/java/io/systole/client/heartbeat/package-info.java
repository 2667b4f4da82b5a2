// SPDX-License-Identifier: Apache-2.0
/**
 * Sessions of instances, their due times and the encoding of their requests.
 *
 * <p>No sockets, no threads: the event loop of {@code io.systole.client} calls in and performs the
 * returned actions. State of which there are millions is compact here; shared state is held once.
 */
@NullMarked
package io.systole.client.heartbeat;

import org.jspecify.annotations.NullMarked;
