// SPDX-License-Identifier: Apache-2.0
/**
 * Drives one workload against one target: a simulated fleet that connects, registers, beats and
 * leaves, while every beat is accounted for.
 */
@NullMarked
package io.systole.loadtest.runner;

import org.jspecify.annotations.NullMarked;
