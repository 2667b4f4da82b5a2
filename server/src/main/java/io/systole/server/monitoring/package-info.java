// SPDX-License-Identifier: Apache-2.0
/**
 * What an operator sees: health and metrics. Reads counters that others keep; never on the trip of
 * a heartbeat.
 */
@NullMarked
package io.systole.server.monitoring;

import org.jspecify.annotations.NullMarked;
