// SPDX-License-Identifier: Apache-2.0
/** Counters of the network's busy path. Plain striped adders; {@code ops} publishes them. */
@NullMarked
package io.systole.server.metrics;

import org.jspecify.annotations.NullMarked;
