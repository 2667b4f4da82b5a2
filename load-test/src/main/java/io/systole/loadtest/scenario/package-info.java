// SPDX-License-Identifier: Apache-2.0
/**
 * Stories that a registry is put through: a fleet, what happens to it and when, who reads
 * meanwhile, and what must hold in the end.
 *
 * <p>A scenario comes from YAML and is checked before anything is sent. The driver of {@code drive}
 * registers the fleet and measures; the acts of the scenario are played beside it. What they found
 * and what the driver measured is held against the expectations.
 */
@NullMarked
package io.systole.loadtest.scenario;

import org.jspecify.annotations.NullMarked;
