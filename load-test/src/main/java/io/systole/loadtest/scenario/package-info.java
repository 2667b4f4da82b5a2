// SPDX-License-Identifier: Apache-2.0
/**
 * Scenarios: a fleet, timed actions, readers, and expectations of the result.
 *
 * <p>A scenario is parsed from YAML and validated before anything is sent. A load session of the
 * runner package registers the fleet and measures while the actions run; the measurements are then
 * compared with the expectations.
 */
@NullMarked
package io.systole.loadtest.scenario;

import org.jspecify.annotations.NullMarked;
