// SPDX-License-Identifier: Apache-2.0
/**
 * Changes told as they happen, to those who keep a request open for it: event streams, and polls
 * that wait. Reads the registry's log and the views' cuts; knows nothing of how bytes travel.
 */
@NullMarked
package io.systole.server.events;

import org.jspecify.annotations.NullMarked;
