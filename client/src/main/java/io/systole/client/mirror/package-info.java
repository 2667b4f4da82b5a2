// SPDX-License-Identifier: Apache-2.0
/**
 * A local copy of a registry, kept current: fetched whole once, then followed by deltas or by the
 * stream of changes, and read by any thread without waiting.
 *
 * <p>Documents come from the registry through the JDK's HTTP client; readers get immutable copies.
 * One thread does all the writing. Knows nothing of heartbeats and nothing of Netty.
 */
@NullMarked
package io.systole.client.mirror;

import org.jspecify.annotations.NullMarked;
