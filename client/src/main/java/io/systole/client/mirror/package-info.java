// SPDX-License-Identifier: Apache-2.0
/**
 * A local copy of a registry, kept current by deltas or by the change stream, and read by any
 * thread without blocking.
 *
 * <p>Documents come from the registry through the JDK's HTTP client; readers receive immutable
 * snapshots. One thread performs all writes. Independent of heartbeats and of Netty.
 */
@NullMarked
package io.systole.client.mirror;

import org.jspecify.annotations.NullMarked;
