// SPDX-License-Identifier: Apache-2.0
/**
 * Events for the JDK's Flight Recorder. They receive existing objects and primitives, so that an
 * event which nobody records costs a check; sentences come from suppliers. Only {@code jdk.jfr}.
 * Renewals have no event: the heartbeat path is counted, not recorded.
 */
@NullMarked
package io.systole.server.jfr;

import org.jspecify.annotations.NullMarked;
