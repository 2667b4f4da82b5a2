// SPDX-License-Identifier: Apache-2.0
/**
 * Runs workloads against targets: a simulated fleet that connects, registers, sends heartbeats and
 * cancels, and the measurement of every heartbeat.
 */
@NullMarked
package io.systole.loadtest.runner;

import org.jspecify.annotations.NullMarked;
