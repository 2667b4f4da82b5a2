// SPDX-License-Identifier: Apache-2.0
/**
 * Event streams and long polls, which report changes as they happen. Reads the registry's log and
 * snapshots of the response cache; independent of connections.
 */
@NullMarked
package io.systole.server.events;

import org.jspecify.annotations.NullMarked;
