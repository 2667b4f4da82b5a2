// SPDX-License-Identifier: Apache-2.0
/**
 * The web page of the node: its files, and the streams of events that it shows. The streams follow
 * the registry's log and read the counters; one task encodes what all readers receive. Decisions
 * are made in registry and eviction; nothing here changes a lease.
 */
@NullMarked
package io.systole.server.page;

import org.jspecify.annotations.NullMarked;
