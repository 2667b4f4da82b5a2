// SPDX-License-Identifier: Apache-2.0
/**
 * Health and metrics. Reads counters that other packages keep; never on the path of a heartbeat.
 */
@NullMarked
package io.systole.server.monitoring;

import org.jspecify.annotations.NullMarked;
