// SPDX-License-Identifier: Apache-2.0
/**
 * A node in a separate process under many concurrent attacks, while a fleet renews and registers.
 * {@code NodeUnderAttack} is run by the profile {@code hostile} and kills the node;
 * {@code NodeSoak} is run by the profile {@code soak} and compares the node's resources over a long
 * time. {@code FleetUnderAttack} checks that acknowledged changes survive; each
 * {@link io.systole.server.hostile.Attack} is one kind of hostile traffic at a bounded rate.
 */
@NullMarked
package io.systole.server.hostile;

import org.jspecify.annotations.NullMarked;
