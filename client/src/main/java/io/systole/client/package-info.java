// SPDX-License-Identifier: Apache-2.0
/**
 * The public API of the heartbeat client, its options, and its event loops.
 *
 * <p>Sessions and request encoding live in {@code heartbeat}; connections and failover in
 * {@code net}; the read-only registry mirror in {@code mirror}.
 */
@NullMarked
package io.systole.client;

import org.jspecify.annotations.NullMarked;
