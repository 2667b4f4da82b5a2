// SPDX-License-Identifier: Apache-2.0
/**
 * A node in a separate process under many concurrent attacks, while a fleet renews and registers.
 * {@code NodeUnderAttack} is the test, run by the profile {@code hostile}; {@code FleetUnderAttack}
 * checks that acknowledged changes survive; each {@link io.systole.server.hostile.Attack} is one
 * kind of hostile traffic at a bounded rate.
 */
@NullMarked
package io.systole.server.hostile;

import org.jspecify.annotations.NullMarked;
