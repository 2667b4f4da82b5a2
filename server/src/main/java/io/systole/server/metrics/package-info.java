// SPDX-License-Identifier: Apache-2.0
/** Counters of the network's hot path. Plain striped adders; {@code monitoring} publishes them. */
@NullMarked
package io.systole.server.metrics;

import org.jspecify.annotations.NullMarked;
